/** From samples to lines: first, lowest, highest and last sample of a pixel column, so that no peak is ever lost. */

/** A drawn line: x, y pairs in pixels. A gap in the signal starts a new one. */
export type Line = number[];

/**
 * Lines of `samples[from, to)`, with `x(index)` and `y(value)` in device pixels. Where several samples share a pixel
 * column, four of them are kept, in the order they occur; missing samples (NaN) part the line and are never bridged.
 */
export function toLines(
  samples: Float32Array,
  from: number,
  to: number,
  x: (index: number) => number,
  y: (value: number) => number,
): Line[] {
  const lines: Line[] = [];
  let line: Line = [];
  let column = -1;
  let first = -1; // -1: no column is open
  let low = 0;
  let high = 0;
  let last = 0;

  const push = (index: number) => line.push(x(index), y(samples[index] as number));
  const closeColumn = () => {
    if (first < 0) return;
    push(first);
    const [early, late] = low < high ? [low, high] : [high, low];
    if (early > first) push(early);
    if (late > early) push(late);
    if (last > late) push(last);
    first = -1;
  };
  const closeLine = () => {
    closeColumn();
    if (line.length > 0) lines.push(line);
    line = [];
  };

  const end = Math.min(to, samples.length);
  for (let index = Math.max(0, from); index < end; index++) {
    const value = samples[index] as number;
    if (Number.isNaN(value)) {
      closeLine();
      continue;
    }
    const here = Math.floor(x(index));
    if (first < 0 || here !== column) {
      closeColumn();
      column = here;
      first = low = high = last = index;
      continue;
    }
    if (value < (samples[low] as number)) low = index;
    if (value > (samples[high] as number)) high = index;
    last = index;
  }
  closeLine();
  return lines;
}
