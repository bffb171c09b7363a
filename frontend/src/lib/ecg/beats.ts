/** Beats cut out of a recording, to be laid over each other. Pure. */

/** The samples of each lead around each peak: `before` and `after` in s; NaN beyond the ends of the recording. */
export function beatsOf(
  samples: Float32Array,
  rate: number,
  peaks: readonly number[],
  before: number,
  after: number,
): Float32Array[] {
  const left = Math.round(before * rate);
  const length = left + Math.round(after * rate);
  return peaks.map((peak) => {
    const start = Math.round(peak * rate) - left;
    const beat = new Float32Array(length).fill(Number.NaN);
    for (let i = Math.max(0, -start); i < length && start + i < samples.length; i++) {
      beat[i] = samples[start + i] as number;
    }
    return beat;
  });
}

/** The median of the beats, moment by moment; NaN where fewer than half of them have a sample. */
export function medianBeat(beats: readonly Float32Array[]): Float32Array {
  const length = beats[0]?.length ?? 0;
  const median = new Float32Array(length);
  for (let i = 0; i < length; i++) {
    const values = beats.map((beat) => beat[i] as number).filter((value) => !Number.isNaN(value));
    values.sort((a, b) => a - b);
    const middle = values.length >> 1;
    const value =
      values.length % 2 === 1
        ? (values[middle] as number)
        : ((values[middle - 1] as number) + (values[middle] as number)) / 2;
    median[i] = values.length * 2 < beats.length || values.length === 0 ? Number.NaN : value;
  }
  return median;
}
