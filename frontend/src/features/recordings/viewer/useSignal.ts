import { useQuery } from "@tanstack/react-query";
import { type SignalFilter, signalQuery } from "@/api/recordings";
import type { Recording } from "@/api/types";

/** A longer recording comes in two steps. */
const LONG_S = 60;
/** What is shown of it at first: more than any layout shows at once. */
export const FIRST_S = 30;

/** How much of a recording comes first, in s; null for all of it. */
export const firstPart = ({ duration_s }: Pick<Recording, "duration_s">): number | null =>
  duration_s > LONG_S ? FIRST_S : null;

/** The signal of a recording; of a long one first its beginning (`isPart`), and all of it as soon as it has come. */
export function useSignal(projectId: string, recording: Recording, filter: SignalFilter, enabled: boolean) {
  const part = firstPart(recording);
  const first = useQuery({
    ...signalQuery(projectId, recording.id, filter, part),
    enabled: enabled && part !== null,
  });
  // The whole waits for its beginning, so that the two do not share the line.
  const whole = useQuery({
    ...signalQuery(projectId, recording.id, filter),
    enabled: enabled && (part === null || !first.isPending),
  });
  const isPart = part !== null && whole.isPending && first.data !== undefined;
  return { query: isPart ? first : whole, isPart };
}
