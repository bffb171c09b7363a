import type { ModelEvaluation } from "@/api/types";
import { count } from "@/lib/format";

type Asked = { settings: Pick<ModelEvaluation["settings"], "include_seen">; n_not_known: number };

/** Whether recordings that the model has seen are among those of an evaluation, said no more surely than it is known. */
export function seenInWords({ settings, n_not_known }: Asked): string {
  const unsure = n_not_known > 0 ? `not known of ${count(n_not_known, "recording")} whether the model has seen it` : "";
  const plural = n_not_known > 1 ? unsure.replace("seen it", "seen them") : unsure;
  if (settings.include_seen) return plural ? `seen recordings included, ${plural}` : "seen recordings included";
  return plural || "never-seen recordings only";
}

/** The same of the recordings that were evaluated, as a fact of a table. */
export function seenFact({ settings, n_not_known }: Asked, nSeen: number): string {
  const unsure = n_not_known > 0 ? `not known of ${count(n_not_known, "recording")}` : "";
  const seen = `${count(nSeen, "recording")} of these, in training`;
  if (settings.include_seen) return unsure ? `${seen}; ${unsure}` : seen;
  return unsure || "none of these recordings";
}
