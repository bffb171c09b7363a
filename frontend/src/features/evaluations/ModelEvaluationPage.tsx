import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Group, Paper, SimpleGrid, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { evaluationQuery, exportPath } from "@/api/evaluations";
import { isOver } from "@/api/jobs";
import type { ModelEvaluationDetail } from "@/api/types";
import { AgainLink } from "@/components/AgainLink";
import { Beside } from "@/components/Beside";
import { DownloadLink, TextLink } from "@/components/ButtonLink";
import { CannotShow } from "@/components/CannotShow";
import { Icon } from "@/components/icons";
import { Notes } from "@/components/Note";
import { Loading, PageHead } from "@/components/Page";
import { RemoveButton } from "@/components/RemoveButton";
import { useParam, useProjectId } from "@/components/useProjectId";
import { WorkerBanner } from "@/components/WorkerBanner";
import { JobProgress } from "@/features/jobs/JobProgress";
import { useJobFeed } from "@/features/jobs/useJobFeed";
import { dateTime, digitsOfShare, score } from "@/lib/format";
import { projectPath } from "@/lib/paths";
import { AbstentionTable } from "./AbstentionTable";
import { CellRecordings } from "./CellRecordings";
import { ClassTable } from "./ClassTable";
import { Confusion } from "./Confusion";
import { asEvaluation, asRegression } from "./evaluation";
import { GroupsTable } from "./GroupsTable";
import { Headline } from "./Headline";
import { OperatingPoint } from "./OperatingPoint";
import { PrecisionRecallChart } from "./PrecisionRecallChart";
import { RegressionView } from "./RegressionView";
import { Reliability } from "./Reliability";
import { RocChart } from "./RocChart";
import type { ShowTracing } from "./ShownInCell";
import { StressTest } from "./StressTest";
import { seenInWords } from "./seenInWords";
import { useChosen } from "./useChosen";
import { WhoWasEvaluated } from "./WhoWasEvaluated";

/** An evaluation of a model on a dataset: while it runs, and what came of it. */
export function ModelEvaluationPage({ tracing }: { tracing: ShowTracing }) {
  const projectId = useProjectId();
  const evaluationId = useParam("evaluationId");
  const evaluation = useQuery(evaluationQuery(projectId, evaluationId));
  if (evaluation.isPending) return <Loading lines={8} label={t`Loading evaluation`} />;
  if (evaluation.isError) return <CannotShow title={t`The evaluation cannot be shown`} error={evaluation.error} />;
  return <EvaluationOf key={evaluationId} projectId={projectId} evaluation={evaluation.data} tracing={tracing} />;
}

type Props = { projectId: string; evaluation: ModelEvaluationDetail; tracing: ShowTracing };

function EvaluationOf({ projectId, evaluation, tracing }: Props) {
  const navigate = useNavigate();
  const { job } = useJobFeed(projectId, evaluation.job);
  const elsewhere = evaluation.dataset_project_id !== projectId;
  const { model_name: name, dataset_name: table, dataset_project_name: project } = evaluation;
  const model = projectPath(projectId, "models", evaluation.model_id);
  const again = againAddress(model, evaluation);
  const link = <TextLink to={model}>{name}</TextLink>;
  return (
    <Stack gap="lg">
      <PageHead
        title={t`${name} on ${table}`}
        lead={
          <>
            {elsewhere ? (
              <Trans>
                Evaluation of the model {link} on the label table “{table}” in project “{project}”
              </Trans>
            ) : (
              <Trans>
                Evaluation of the model {link} on the label table “{table}”
              </Trans>
            )}{" "}
            · {seenInWords(evaluation)} · {dateTime(evaluation.created_at)}
          </>
        }
        actions={
          <Group gap="xs">
            {evaluation.result && (
              <>
                <DownloadLink
                  href={exportPath(projectId, evaluation.id, "report")}
                  leftSection={<Icon name="download" size={16} />}
                >
                  <Trans>Report</Trans>
                </DownloadLink>
                <DownloadLink href={exportPath(projectId, evaluation.id, "csv")}>
                  <Trans>CSV</Trans>
                </DownloadLink>
                <DownloadLink href={exportPath(projectId, evaluation.id, "parquet")}>
                  <Trans>Parquet</Trans>
                </DownloadLink>
              </>
            )}
            {isOver(job) && <AgainLink operation="create_evaluation" to={again} />}
            {isOver(job) && (
              <RemoveButton
                thing={{ kind: "evaluation", projectId, id: evaluation.id, name: t`${name} on ${table}` }}
                label={t`Delete`}
                onDone={() => navigate(model, { replace: true })}
              />
            )}
          </Group>
        }
      />
      {job.status === "queued" && <WorkerBanner />}
      {!(evaluation.result && job.status === "done") && (
        <Paper withBorder p="md">
          <JobProgress owner={projectId} job={job} label={t`Progress of the evaluation`} />
        </Paper>
      )}
      {evaluation.result && <Measured projectId={projectId} evaluation={evaluation} tracing={tracing} />}
    </Stack>
  );
}

/** Where the form is, filled in as it was for this evaluation. */
function againAddress(model: string, { id, dataset_id: dataset, dataset_project_id: project }: ModelEvaluationDetail) {
  const wanted = { ...(project ? { project } : {}), ...(dataset ? { dataset } : {}), again: id };
  return `${model}/evaluate?${new URLSearchParams(wanted)}`;
}

function Measured({ projectId, evaluation, tracing }: Props) {
  const labels = asEvaluation(evaluation.result?.evaluation);
  const values = asRegression(evaluation.result?.evaluation);
  const known = evaluation.labels.filter((label) => label in (evaluation.settings.label_map ?? {}));
  const [chosen, change] = useChosen(known, evaluation.labels);
  const fmax = typeof labels?.fmax === "number" ? score(labels.fmax, digitsOfShare(labels.n)) : null;
  const open = (label: string, predicted: string) => change({ label, predicted, cell: null, page: 1, ecg: null }, true);
  if (!evaluation.result) return null;
  const list = (
    <CellRecordings projectId={projectId} evaluation={evaluation} chosen={chosen} tracing={tracing} onChange={change} />
  );
  return (
    <>
      <Beside said={{ cautions: evaluation.cautions ?? [] }} />
      <WhoWasEvaluated evaluation={evaluation} />
      {labels && (
        <>
          <Headline evaluation={labels} />
          {fmax !== null && (
            <Text size="sm" c="dimmed">
              <Trans>
                Fmax {fmax}: F1 at the best single threshold for these very recordings, to compare with the literature.
              </Trans>
            </Text>
          )}
          <Notes notes={labels.notes} title={t`Please note`} />
          <OperatingPoint evaluation={evaluation} chosen={chosen} onChange={change} />
          {chosen.cell && !chosen.predicted && list}
          <Paper withBorder p="md">
            <ClassTable evaluation={labels} />
          </Paper>
          <AbstentionTable result={evaluation.result} />
          {labels.confusion && (
            <Paper withBorder p="md">
              <Confusion evaluation={labels} onOpen={open} />
            </Paper>
          )}
          {chosen.predicted && list}
          <SimpleGrid cols={{ base: 1, lg: 2 }}>
            <Paper withBorder p="md">
              <RocChart evaluation={labels} />
            </Paper>
            <Paper withBorder p="md">
              <PrecisionRecallChart evaluation={labels} />
            </Paper>
          </SimpleGrid>
          <Reliability evaluation={labels} />
        </>
      )}
      {values && (
        <>
          <RegressionView evaluation={values} />
          {list}
        </>
      )}
      <StressTest projectId={projectId} evaluationId={evaluation.id} />
      {evaluation.result.groups.length > 0 && (
        <Paper withBorder p="md">
          <GroupsTable result={evaluation.result} label={chosen.label} />
        </Paper>
      )}
    </>
  );
}
