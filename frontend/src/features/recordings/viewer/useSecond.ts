import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { measurementsQuery } from "@/api/measurements";
import { type SignalFilter, signalQuery } from "@/api/recordings";
import type { Measurements } from "@/api/types";
import type { Comparison } from "./Compare";

/** The recording one compares with: its signal, and how far it is moved so that the first R peaks of both agree. */
export function useSecond(
  projectId: string,
  comparison: Comparison | null,
  filter: SignalFilter,
  measured: Measurements | undefined,
) {
  const id = comparison?.other.id ?? "";
  const signal = useQuery({ ...signalQuery(projectId, id, filter), enabled: comparison !== null });
  const theirs = useQuery({ ...measurementsQuery(projectId, id), enabled: comparison?.how === "overlaid" });
  const shift = firstPeak(theirs.data) - firstPeak(measured);
  const beneath = useMemo(
    () => (comparison?.how === "overlaid" && signal.data ? { signal: signal.data, shift } : null),
    [comparison?.how, signal.data, shift],
  );
  return { signal, beneath };
}

function firstPeak(measured: Measurements | undefined): number {
  return measured?.r_peaks_s[0] ?? 0;
}
