import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { evaluationsQuery } from "@/api/evaluations";
import { deleteModel } from "@/api/models";
import { predictionsQuery } from "@/api/predictions";
import type { Model } from "@/api/types";
import { ConfirmButton } from "@/components/ConfirmButton";
import { count } from "@/lib/format";
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
      label="Delete"
      size="sm"
      question="Delete this model?"
      confirm="Delete model"
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
      Download the model first if you may need it.
    </ConfirmButton>
  );
}

/** What is deleted with a model, by count and name; what is not known yet is said without a number. */
export function goesWithIt(name: string, predictions?: number, evaluatedOn?: readonly string[]): string {
  const parts = [
    predictions === undefined ? "the predictions made with it" : predictions > 0 && count(predictions, "prediction"),
    evaluatedOn === undefined
      ? "its evaluations"
      : evaluatedOn.length > 0 && `${count(evaluatedOn.length, "evaluation")} (on ${named(evaluatedOn)})`,
  ].filter((text) => text !== false);
  return `${[`“${name}”`, ...parts].join(", ")} will be deleted permanently.`;
}

function named(datasets: readonly string[]): string {
  const different = [...new Set(datasets)].map((one) => `“${one}”`);
  const more = different.length - NAMED;
  return different.slice(0, NAMED).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
