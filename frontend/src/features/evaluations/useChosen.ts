import { useEffect, useRef } from "react";
import { useSearchParams } from "react-router";
import type { CellName } from "./operating";

/** What is looked at; kept in the address, so that going back shows the same again. */
export type Chosen = {
  label: string;
  /** In thousandths; null: the model's own. */
  threshold: number | null;
  /** Share of the people who have the label, in percent; null: that of the dataset. */
  prevalence: number | null;
  cell: CellName | null;
  /** Of the matrix of all classes: the column; the row is `label`. */
  predicted: string | null;
  page: number;
  /** The recording that is shown. */
  ecg: string | null;
};

const CELLS: readonly CellName[] = ["true_positive", "false_positive", "false_negative", "true_negative"];

/** `labels` may be chosen; `classes` are those of the model, in the columns of its matrix. */
export function useChosen(
  labels: readonly string[],
  classes: readonly string[] = labels,
): [Chosen, (change: Partial<Chosen>, step?: boolean) => void] {
  const [params, setParams] = useSearchParams();
  const asked = params.get("label");
  const chosen: Chosen = {
    label: asked !== null && labels.includes(asked) ? asked : (labels[0] ?? ""),
    threshold: numberIn(params.get("threshold"), 0, 1000),
    prevalence: numberIn(params.get("prevalence"), 0, 100),
    cell: CELLS.find((cell) => cell === params.get("cell")) ?? null,
    predicted: classes.find((label) => label === params.get("predicted")) ?? null,
    page: numberIn(params.get("page"), 1, 1_000_000) ?? 1,
    ecg: params.get("ecg"),
  };
  // An address that is asked for is shown a moment later; until then a further change adds to it, not to what is shown.
  const address = params.toString();
  const pending = useRef<{ address: string; chosen: Chosen }[]>([]);
  useEffect(() => {
    const place = pending.current.findIndex((one) => one.address === address);
    pending.current = place < 0 ? [] : pending.current.slice(place + 1);
  }, [address]);
  /** With `step` one can go back to what was shown before; moving a slider is no step. */
  const change = (wanted: Partial<Chosen>, step = false) => {
    const next = { ...(pending.current.at(-1)?.chosen ?? chosen), ...wanted };
    const entries: [string, string | number | null][] = [
      ["label", next.label === labels[0] ? null : next.label],
      ["threshold", next.threshold],
      ["prevalence", next.prevalence],
      ["cell", next.cell],
      ["predicted", next.predicted],
      ["page", next.page === 1 ? null : next.page],
      ["ecg", next.ecg],
    ];
    const kept = new URLSearchParams(
      entries.filter(([, value]) => value !== null && value !== "").map(([key, value]) => [key, String(value)]),
    );
    pending.current.push({ address: kept.toString(), chosen: next });
    setParams(kept, { replace: !step, preventScrollReset: true });
  };
  const unknown =
    (asked !== null && asked !== chosen.label) || (params.get("predicted") !== null && chosen.predicted === null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, where the address names what is not there
  useEffect(() => {
    if (unknown) change({});
  }, [unknown]);
  return [chosen, change];
}

function numberIn(text: string | null, low: number, high: number): number | null {
  const value = text === null || text === "" ? Number.NaN : Number(text);
  return value >= low && value <= high ? value : null;
}
