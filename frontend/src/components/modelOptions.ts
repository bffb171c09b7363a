/** Models to choose from: those of the project first, then those of the other projects, each with its score. */

import { t } from "@lingui/core/macro";
import type { Model } from "@/api/types";
import { score } from "@/lib/format";

export type ModelGroup = { group: string; items: { value: string; label: string }[] };

/** How good a model was on its own test, in two words: "AUROC 0.912", "R² 0.44", "not tested". */
export function scoreText(model: Pick<Model, "score" | "has_head">): string {
  if (!model.has_head) return t`predicts nothing by itself`;
  if (!model.score) return t`not tested`;
  if (model.score.value === null) return model.score.withheld || t`too few to say how good`;
  return `${model.score.measure === "macro_r2" ? "R²" : "AUROC"} ${score(model.score.value)}`;
}

/** The groups of a select, in the order in which the platform lists the models: the best of a group stands first. */
export function modelOptions(models: readonly Model[], projectId: string): ModelGroup[] {
  const groups = new Map<string, ModelGroup>();
  const own = models.filter((model) => model.project_id === projectId);
  for (const model of [...own, ...models.filter((model) => model.project_id !== projectId)]) {
    const group = groups.get(model.project_id) ?? { group: groupName(model, projectId, groups), items: [] };
    group.items.push({ value: model.id, label: `${model.name} · ${scoreText(model)}` });
    groups.set(model.project_id, group);
  }
  return [...groups.values()];
}

/** The name of a group; two projects of the same name must not become one. */
function groupName(model: Model, projectId: string, groups: ReadonlyMap<string, ModelGroup>): string {
  if (model.project_id === projectId) return t`This project`;
  const project = model.project_name;
  const name = t`Project “${project}”`;
  const taken = [...groups.values()].filter(({ group }) => group === name || group.startsWith(`${name} (`)).length;
  return taken === 0 ? name : `${name} (${taken + 1})`;
}
