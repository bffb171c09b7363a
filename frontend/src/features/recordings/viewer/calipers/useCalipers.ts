import { useCallback, useState, useSyncExternalStore } from "react";
import type { Caliper } from "@/lib/ecg/calipers";

/** The calipers of each recording, as long as the page is open. */
const kept = new Map<string, readonly Caliper[]>();
const listeners = new Set<() => void>();
const NONE: readonly Caliper[] = [];
let last = 0;

export type Calipers = {
  all: readonly Caliper[];
  selected: Caliper | null;
  select: (id: number | null) => void;
  add: (caliper: Omit<Caliper, "id" | "march">) => number;
  change: (caliper: Caliper) => void;
  remove: (id: number) => void;
  clear: () => void;
};

/** The calipers of a recording: several, each kept until it is taken away. */
export function useCalipers(recordingId: string): Calipers {
  const all = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => kept.get(recordingId) ?? NONE,
  );
  const [chosen, select] = useState<number | null>(null);
  const put = useCallback(
    (next: (now: readonly Caliper[]) => readonly Caliper[]) => {
      kept.set(recordingId, next(kept.get(recordingId) ?? NONE));
      for (const listener of listeners) listener();
    },
    [recordingId],
  );
  return {
    all,
    selected: all.find(({ id }) => id === chosen) ?? all.at(-1) ?? null,
    select,
    add: (caliper) => {
      const id = ++last;
      put((now) => [...now, { ...caliper, id, march: false }]);
      select(id);
      return id;
    },
    change: (caliper) => put((now) => now.map((one) => (one.id === caliper.id ? caliper : one))),
    remove: (id) => put((now) => now.filter((one) => one.id !== id)),
    clear: () => put(() => NONE),
  };
}
