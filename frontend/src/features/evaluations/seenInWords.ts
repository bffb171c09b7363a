import { plural, t } from "@lingui/core/macro";
import type { ModelEvaluation } from "@/api/types";

type Asked = { settings: Pick<ModelEvaluation["settings"], "include_seen">; n_not_known: number };

/** Whether recordings that the model has seen are among those of an evaluation, said no more surely than it is known. */
export function seenInWords({ settings, n_not_known }: Asked): string {
  const n = n_not_known;
  const unsure =
    n > 0 &&
    t`not known of ${plural(n, { one: "# recording whether the model has seen it", other: "# recordings whether the model has seen them" })}`;
  if (!settings.include_seen) return unsure || t`never-seen recordings only`;
  return unsure ? `${t`seen recordings included`}, ${unsure}` : t`seen recordings included`;
}

/** The same of the recordings that were evaluated, as a fact of a table. */
export function seenFact({ settings, n_not_known }: Asked, nSeen: number): string {
  const n = n_not_known;
  const unsure = n > 0 && t`not known of ${plural(n, { one: "# recording", other: "# recordings" })}`;
  if (!settings.include_seen) return unsure || t`none of these recordings`;
  const seen = plural(nSeen, { one: "# recording of these, in training", other: "# recordings of these, in training" });
  return unsure ? `${seen}; ${unsure}` : seen;
}
