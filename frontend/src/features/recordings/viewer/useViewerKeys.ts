import { useQuery } from "@tanstack/react-query";
import { systemQuery } from "@/api/system";
import type { LayoutName } from "@/lib/ecg/layout";
import { filterChange, filterValue, filterValues } from "./filters";
import { useShortcuts } from "./useShortcuts";
import { cycle, GAINS, LAYOUTS, NOTCHES, SHOWN, SPEEDS, step, traitsOf, type View } from "./view";

type Keys = {
  view: View;
  layout: LayoutName;
  change: (change: Partial<View>) => void;
  /** The calipers are out: they take the arrow keys. */
  measuring: boolean;
  setMeasuring: (on: boolean) => void;
  full: boolean;
  setFull: (full: boolean) => void;
  neighbour: (by: -1 | 1) => void;
  scroll: (by: -1 | 1) => void;
  help: () => void;
};

/** What keys do on the page of a tracing. */
export function useViewerKeys(keys: Keys): void {
  const { view, change, measuring } = keys;
  const { aligned, beats: overBeats } = traitsOf(view.shown);
  const timeless = aligned || overBeats;
  const presets = useQuery(systemQuery()).data?.presets ?? [];
  const values = <T>(options: readonly { value: T }[]) => options.map(({ value }) => value);
  useShortcuts({
    ...(measuring
      ? {}
      : {
          ArrowLeft: () => keys.neighbour(-1),
          ArrowRight: () => keys.neighbour(1),
          "Shift+ArrowLeft": () => !overBeats && keys.scroll(-1),
          "Shift+ArrowRight": () => !overBeats && keys.scroll(1),
          ...(keys.full ? { Escape: () => keys.setFull(false) } : {}),
        }),
    "+": () => change({ gain: step<number>(GAINS, view.gain, 1) }),
    "=": () => change({ gain: step<number>(GAINS, view.gain, 1) }),
    "-": () => change({ gain: step<number>(GAINS, view.gain, -1) }),
    "[": () => change({ speed: step<number>(SPEEDS, view.speed, -1) }),
    "]": () => change({ speed: step<number>(SPEEDS, view.speed, 1) }),
    l: () => !timeless && change({ layout: cycle(values(LAYOUTS), view.layout ?? keys.layout) }),
    f: () => !aligned && change(filterChange(cycle(filterValues(presets), filterValue(view)))),
    n: () =>
      !aligned &&
      view.preprocessing === null &&
      change({ notch: cycle<50 | 60 | null>([null, ...NOTCHES], view.notch) }),
    v: () => change({ shown: cycle(values(SHOWN), view.shown) }),
    c: () => !timeless && keys.setMeasuring(!measuring),
    F: () => keys.setFull(!keys.full),
    "?": keys.help,
  });
}
