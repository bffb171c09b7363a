import { useEffect, useState } from "react";

/**
 * Where a slider was moved to, until the address says the same (`settled`) or another thing is chosen (`what`); null: it
 * stands where the address says. An older place, which the address says a moment later, does not bring it back.
 */
export function useDragged(settled: number | null, what: string): [number | null, (to: number | null) => void] {
  const [dragged, setDragged] = useState<number | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `what` says when, not how
  useEffect(() => setDragged(null), [what]);
  useEffect(() => setDragged((now) => (now === settled ? null : now)), [settled]);
  return [dragged, setDragged];
}
