import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { evaluationsQuery } from "@/api/evaluations";
import { deleteModel } from "@/api/models";
import { predictionsQuery } from "@/api/predictions";
import type { Model } from "@/api/types";
import { ConfirmButton } from "@/components/ConfirmButton";
import { projectPath } from "@/lib/paths";

const NAMED = 5;

/** Deletes a model; before that it says which predictions and evaluations go with it. */
export function DeleteModel({ projectId, model }: { projectId: string; model: Model }) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const evaluations = useQuery(evaluationsQuery(projectId, model.id));
  const predictions = useQuery(predictionsQuery(projectId));
  const made = predictions.data?.filter(({ model_id }) => model_id === model.id).length;
  return (
    <ConfirmButton
      takes="delete_model"
      projectId={projectId}
      label={t`Delete`}
      size="sm"
      question={t`Delete this model?`}
      confirm={t`Delete model`}
      onConfirm={() => deleteModel(projectId, model.id)}
      onDone={() => {
        navigate(projectPath(projectId, "models"), { replace: true });
        void queries.invalidateQueries({ queryKey: ["project", projectId] });
      }}
    >
      {goesWithIt(
        model.name,
        made,
        evaluations.data?.map(({ dataset_name }) => dataset_name),
      )}{" "}
      <Trans>Download the model first if you may need it.</Trans>
    </ConfirmButton>
  );
}

/** What is deleted with a model, by count and name; what is not known yet is said without a number. */
export function goesWithIt(name: string, predictions?: number, evaluatedOn?: readonly string[]): string {
  const parts = [
    t`“${name}”`,
    predictions === undefined
      ? t`the predictions made with it`
      : predictions > 0 && plural(predictions, { one: "# prediction", other: "# predictions" }),
    evaluatedOn === undefined ? t`its evaluations` : evaluatedOn.length > 0 && evaluations(evaluatedOn),
  ].filter((text) => text !== false);
  const all = parts.join(", ");
  return t`${all} will be deleted permanently.`;
}

function evaluations(on: readonly string[]): string {
  const [n, datasets] = [on.length, named(on)];
  return plural(n, { one: `# evaluation (on ${datasets})`, other: `# evaluations (on ${datasets})` });
}

function named(datasets: readonly string[]): string {
  const different = [...new Set(datasets)].map((name) => t`“${name}”`);
  const more = different.length - NAMED;
  const first = different.slice(0, NAMED).join(", ");
  return more > 0 ? t`${first} and ${more} more` : first;
}
