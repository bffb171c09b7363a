import { Button, Group, Stack, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { deleteModel, modelQuery } from "@/api/models";
import { ButtonLink } from "@/components/ButtonLink";
import { CannotShow } from "@/components/CannotShow";
import { ConfirmButton } from "@/components/ConfirmButton";
import { hasResults, Results } from "@/components/evaluation/Results";
import { Note } from "@/components/Note";
import { Loading, PageHead } from "@/components/Page";
import { useParam, useProjectId } from "@/components/useProjectId";
import { dateTime } from "@/lib/format";
import { projectPath } from "@/lib/paths";
import { HowTrained } from "./HowTrained";
import { Lineage } from "./Lineage";
import { ModelCard } from "./ModelCard";
import { ModelDownloads } from "./ModelDownloads";
import { ModelOffers } from "./ModelOffers";
import { canFineTune } from "./words";

export function ModelPage() {
  const projectId = useProjectId();
  const modelId = useParam("modelId");
  const navigate = useNavigate();
  const queries = useQueryClient();
  const model = useQuery(modelQuery(projectId, modelId));
  if (model.isPending) return <Loading lines={8} label="Loading model" />;
  if (model.isError) return <CannotShow title="The model cannot be shown" error={model.error} />;
  const data = model.data;
  const regression = data.task === "regression";
  const tested = hasResults(data.evaluation);
  return (
    <Stack gap="lg">
      <PageHead
        title={data.name}
        lead={`${regression ? "Estimates" : "Tells"} ${data.labels.join(", ")} · ${dateTime(data.created_at)}`}
        actions={
          <Group gap="xs">
            <ModelDownloads projectId={projectId} model={data} />
            {data.for_training && canFineTune(data) && (
              <ButtonLink
                variant="default"
                to={`${projectPath(projectId, "runs", "new")}?base=${encodeURIComponent(modelId)}`}
              >
                Fine-tune this model
              </ButtonLink>
            )}
            {data.for_prediction && (
              <ButtonLink to={`${projectPath(projectId, "predictions")}?model=${encodeURIComponent(modelId)}`}>
                Predict a dataset
              </ButtonLink>
            )}
          </Group>
        }
      />
      <Group gap="xs">
        <ConfirmButton
          label="Delete"
          size="sm"
          question="Delete this model?"
          confirm="Delete model"
          onConfirm={() => deleteModel(projectId, modelId)}
          onDone={() => {
            navigate(projectPath(projectId, "models"), { replace: true });
            void queries.invalidateQueries({ queryKey: ["project", projectId] });
          }}
        >
          “{data.name}” and the predictions made with it will be gone for good. Download it first if you may need it.
        </ConfirmButton>
        {data.run_id && (
          <Button
            variant="default"
            size="sm"
            onClick={() => navigate(projectPath(projectId, "runs", data.run_id ?? ""))}
          >
            Its training
          </Button>
        )}
      </Group>
      <Lineage projectId={projectId} model={data} />
      <ModelOffers projectId={projectId} model={data} />
      {tested ? (
        <Results value={data.evaluation} />
      ) : (
        <Note tone="warn" title="Not tested">
          Nothing is known of how good this model is. Predict recordings whose {regression ? "values" : "labels"} you
          know before you rely on it.
        </Note>
      )}
      {tested && (
        <Note tone="calm" title="What these numbers mean, and what they do not">
          {data.origin === "imported"
            ? "They are those that came with the model; nothing of them was checked here."
            : "They were measured once, on recordings that were kept back from training, of the same source as the training recordings."}{" "}
          On recordings of another device, hospital or group of patients the model may do worse, and nothing here shows
          that.{" "}
          <Text span>
            Test it on your own recordings, with a table of what they show, under “Predict a dataset” before you rely on
            it.
          </Text>
        </Note>
      )}
      <HowTrained projectId={projectId} model={data} />
      <ModelCard projectId={projectId} modelId={modelId} />
    </Stack>
  );
}
