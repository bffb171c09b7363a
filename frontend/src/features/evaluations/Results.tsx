import { EvaluationView } from "./EvaluationView";
import { asEvaluation, asRegression } from "./evaluation";
import { Headline } from "./Headline";
import { RegressionHeadline } from "./RegressionHeadline";
import { RegressionView } from "./RegressionView";

/** The results in a JSON value, of labels or of values; nothing where there are none. */
export function Results({ value }: { value: unknown }) {
  const labels = asEvaluation(value);
  const values = asRegression(value);
  if (labels) return <EvaluationView evaluation={labels} />;
  return values && <RegressionView evaluation={values} />;
}

/** Only the numbers that say most. */
export function ResultsInShort({ value }: { value: unknown }) {
  const labels = asEvaluation(value);
  const values = asRegression(value);
  if (labels) return <Headline evaluation={labels} />;
  return values && <RegressionHeadline evaluation={values} />;
}

export function hasResults(value: unknown): boolean {
  return asEvaluation(value) !== null || asRegression(value) !== null;
}
