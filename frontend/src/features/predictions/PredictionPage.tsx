import { Group, Paper, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { datasetsQuery } from "@/api/datasets";
import { isOver } from "@/api/jobs";
import { modelQuery } from "@/api/models";
import { csvPath, deletePrediction, predictionQuery } from "@/api/predictions";
import type { Prediction } from "@/api/types";
import { Beside } from "@/components/Beside";
import { DownloadLink } from "@/components/ButtonLink";
import { CannotShow } from "@/components/CannotShow";
import { ConfirmButton } from "@/components/ConfirmButton";
import { Icon } from "@/components/icons";
import { Note } from "@/components/Note";
import { Loading, PageHead, Section } from "@/components/Page";
import { useParam, useProjectId } from "@/components/useProjectId";
import { WorkerBanner } from "@/components/WorkerBanner";
import { hasResults, Results } from "@/features/evaluations/Results";
import { Routes } from "@/features/evaluations/Routes";
import { JobProgress } from "@/features/jobs/JobProgress";
import { useJobFeed } from "@/features/jobs/useJobFeed";
import { count, dateTime } from "@/lib/format";
import { projectPath } from "@/lib/paths";
import { LabelTally } from "./LabelTally";
import { ResultsTable } from "./ResultsTable";

export function PredictionPage() {
  const projectId = useProjectId();
  const predictionId = useParam("predictionId");
  const prediction = useQuery(predictionQuery(projectId, predictionId));
  if (prediction.isPending) return <Loading lines={8} label="Loading prediction" />;
  if (prediction.isError) return <CannotShow title="The prediction cannot be shown" error={prediction.error} />;
  return <PredictionView key={predictionId} projectId={projectId} prediction={prediction.data} />;
}

function PredictionView({ projectId, prediction }: { projectId: string; prediction: Prediction }) {
  const navigate = useNavigate();
  const { job } = useJobFeed(projectId, prediction.job);
  const model = useQuery(modelQuery(projectId, prediction.model_id));
  const datasets = useQuery(datasetsQuery(projectId));
  const dataset = datasets.data?.find(({ id }) => id === prediction.dataset_id);
  const regression = model.data?.task === "regression";
  const known = ((prediction.seen?.training ?? 0) + (prediction.seen?.validation ?? 0)) * 2 > prediction.n_results;
  const target = prediction.dataset_id ? (dataset ? `“${dataset.name}”` : "a label table") : "all recordings";
  return (
    <Stack gap="lg">
      <PageHead
        title={`Prediction of ${target}`}
        lead={`By the model “${prediction.model_name}” · created ${dateTime(prediction.created_at)}`}
        actions={
          <Group gap="xs">
            {prediction.n_results > 0 && (
              <DownloadLink href={csvPath(projectId, prediction.id)} leftSection={<Icon name="download" size={16} />}>
                Download CSV
              </DownloadLink>
            )}
            {isOver(job) && (
              <ConfirmButton
                label="Delete"
                question="Delete this prediction?"
                confirm="Delete prediction"
                onConfirm={() => deletePrediction(projectId, prediction.id)}
                onDone={() => navigate(projectPath(projectId, "predictions"), { replace: true })}
              >
                Its results will be deleted permanently. Recordings and model are kept.
              </ConfirmButton>
            )}
          </Group>
        }
      />
      {job.status === "queued" && <WorkerBanner />}
      <Paper withBorder p="md">
        <JobProgress owner={projectId} job={job} label="Progress of the prediction" />
      </Paper>
      {prediction.n_results > 0 && job.status !== "done" && (
        <Note tone="warn" title="These results are not complete">
          Recordings that have not been predicted are missing from the table and from the CSV file.
        </Note>
      )}
      {prediction.n_errors > 0 && (
        <Note tone="warn" title={`${count(prediction.n_errors, "recording")} could not be predicted`}>
          The reasons are in the table below.
        </Note>
      )}
      <Beside said={prediction} />
      {model.data && !regression && <LabelTally counts={prediction.counts} total={prediction.n_results} />}
      <Routes report={prediction.routes} by="predicted" />
      {hasResults(prediction.evaluation) && (
        <Section
          title={
            known
              ? "Recall of recordings it has learned from: no result"
              : `Results against the ${regression ? "values" : "labels"} of the table`
          }
        >
          <Results value={prediction.evaluation} />
        </Section>
      )}
      {(prediction.n_results > 0 || prediction.n_errors > 0) && (
        <ResultsTable
          projectId={projectId}
          predictionId={prediction.id}
          labels={model.data?.labels ?? []}
          regression={regression}
        />
      )}
    </Stack>
  );
}
