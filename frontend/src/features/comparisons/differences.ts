/** What is drawn of a comparison: how far each candidate is from the one with the best score. */

import type { ComparisonDetail, Estimate } from "@/api/types";

export type Row = {
  place: number;
  title: string;
  /** Score minus that of the best; null for the best itself. */
  difference: Estimate | null;
  worse: boolean;
};

/** The candidates by falling score, with their differences to the first. Empty where there is no result. */
export function toBest({ candidates, result }: ComparisonDetail): Row[] {
  const best = result?.alike[0];
  if (!result || best === undefined) return [];
  const scored = candidates
    .map(({ title, score }, place) => ({ title, score, place }))
    .filter((one): one is { title: string; score: number; place: number } => one.score !== null)
    .sort((a, b) => Number(b.place === best) - Number(a.place === best) || b.score - a.score);
  return scored.map(({ title, place }) => {
    const found = result.differences.find(
      ({ first, second }) => (first === place && second === best) || (first === best && second === place),
    );
    if (!found) return { place, title, difference: null, worse: false };
    const difference = found.first === place ? found.estimate : negative(found.estimate);
    return { place, title, difference, worse: found.distinguishable };
  });
}

function negative({ value, low, high, withheld }: Estimate): Estimate {
  const minus = (x: number | null) => (x === null ? null : -x);
  return { value: minus(value), low: minus(high), high: minus(low), withheld };
}
