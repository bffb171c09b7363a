import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Group, Paper, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { datasetsQuery } from "@/api/datasets";
import { isOver } from "@/api/jobs";
import { modelQuery } from "@/api/models";
import { csvPath, predictionQuery } from "@/api/predictions";
import type { Prediction } from "@/api/types";
import { AgainLink } from "@/components/AgainLink";
import { Beside } from "@/components/Beside";
import { DownloadLink } from "@/components/ButtonLink";
import { CannotShow } from "@/components/CannotShow";
import { Icon } from "@/components/icons";
import { Note } from "@/components/Note";
import { Loading, PageHead, Section } from "@/components/Page";
import { RemoveButton } from "@/components/RemoveButton";
import { useParam, useProjectId } from "@/components/useProjectId";
import { WorkerBanner } from "@/components/WorkerBanner";
import { hasResults, Results } from "@/features/evaluations/Results";
import { Routes } from "@/features/evaluations/Routes";
import { JobProgress } from "@/features/jobs/JobProgress";
import { useJobFeed } from "@/features/jobs/useJobFeed";
import { dateTime } from "@/lib/format";
import { projectPath } from "@/lib/paths";
import { LabelTally } from "./LabelTally";
import { ResultsTable } from "./ResultsTable";

export function PredictionPage() {
  const projectId = useProjectId();
  const predictionId = useParam("predictionId");
  const prediction = useQuery(predictionQuery(projectId, predictionId));
  if (prediction.isPending) return <Loading lines={8} label={t`Loading prediction`} />;
  if (prediction.isError) return <CannotShow title={t`The prediction cannot be shown`} error={prediction.error} />;
  return <PredictionView key={predictionId} projectId={projectId} prediction={prediction.data} />;
}

/** The name of the table is not known before the tables are loaded. */
function titleOf(ofTable: boolean, table: string | undefined): string {
  if (!ofTable) return t`Prediction of all recordings`;
  return table === undefined ? t`Prediction of a label table` : t`Prediction of “${table}”`;
}

function PredictionView({ projectId, prediction }: { projectId: string; prediction: Prediction }) {
  const navigate = useNavigate();
  const { job } = useJobFeed(projectId, prediction.job);
  const model = useQuery(modelQuery(projectId, prediction.model_id));
  const datasets = useQuery(datasetsQuery(projectId));
  const dataset = datasets.data?.find(({ id }) => id === prediction.dataset_id);
  const regression = model.data?.task === "regression";
  const known = ((prediction.seen?.training ?? 0) + (prediction.seen?.validation ?? 0)) * 2 > prediction.n_results;
  const created = dateTime(prediction.created_at);
  const name = prediction.model_name;
  const wanted = new URLSearchParams({
    model: prediction.model_id,
    ...(prediction.dataset_id ? { dataset: prediction.dataset_id } : {}),
  });
  const again = `${projectPath(projectId, "predictions")}?${wanted}`;
  const title = titleOf(Boolean(prediction.dataset_id), dataset?.name);
  return (
    <Stack gap="lg">
      <PageHead
        title={title}
        lead={t`By the model “${name}” · created ${created}`}
        actions={
          <Group gap="xs">
            {/* Not before: half of a table may be taken for all of it. */}
            {prediction.n_results > 0 && isOver(job) && (
              <DownloadLink href={csvPath(projectId, prediction.id)} leftSection={<Icon name="download" size={16} />}>
                <Trans>Download CSV</Trans>
              </DownloadLink>
            )}
            {isOver(job) && <AgainLink operation="create_prediction" to={again} />}
            {isOver(job) && (
              <RemoveButton
                thing={{ kind: "prediction", projectId, id: prediction.id, name: title }}
                label={t`Delete`}
                onDone={() => navigate(projectPath(projectId, "predictions"), { replace: true })}
              />
            )}
          </Group>
        }
      />
      {job.status === "queued" && <WorkerBanner />}
      <Paper withBorder p="md">
        <JobProgress owner={projectId} job={job} label={t`Progress of the prediction`} />
      </Paper>
      {prediction.n_results > 0 && job.status !== "done" && (
        <Note tone="warn" title={t`These results are not complete`}>
          <Trans>Recordings that have not been predicted are missing from the table and from the CSV file.</Trans>
        </Note>
      )}
      {prediction.n_errors > 0 && (
        <Note
          tone="warn"
          title={plural(prediction.n_errors, {
            one: "# recording could not be predicted",
            other: "# recordings could not be predicted",
          })}
        >
          <Trans>The reasons are in the table below.</Trans>
        </Note>
      )}
      <Beside said={prediction} />
      {model.data && !regression && <LabelTally counts={prediction.counts} total={prediction.n_results} />}
      <Routes report={prediction.routes} by="predicted" />
      {hasResults(prediction.evaluation) && (
        <Section
          title={
            known
              ? t`Recall of recordings it has learned from: no result`
              : regression
                ? t`Results against the values of the table`
                : t`Results against the labels of the table`
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
