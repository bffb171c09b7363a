import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Group, Paper, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { deleteExplanation, explanationQuery } from "@/api/explanations";
import { isOver } from "@/api/jobs";
import type { ExplanationDetail } from "@/api/types";
import { ButtonLink } from "@/components/ButtonLink";
import { CannotShow } from "@/components/CannotShow";
import { ConfirmButton } from "@/components/ConfirmButton";
import { Loading, PageHead } from "@/components/Page";
import { useParam, useProjectId } from "@/components/useProjectId";
import { WorkerBanner } from "@/components/WorkerBanner";
import { JobProgress } from "@/features/jobs/JobProgress";
import { useJobFeed } from "@/features/jobs/useJobFeed";
import { percent, valueText } from "@/lib/format";
import { projectPath } from "@/lib/paths";
import { LabelChoice } from "./LabelChoice";
import { MapView } from "./MapView";
import { NearestEcgs } from "./NearestEcgs";
import type { ShowMap } from "./showMap";

/** What a model looked at in one recording: its maps, each beside its control. */
export function ExplanationPage({ show }: { show: ShowMap }) {
  const projectId = useProjectId();
  const explanationId = useParam("explanationId");
  const explanation = useQuery(explanationQuery(projectId, explanationId));
  if (explanation.isPending) return <Loading lines={8} label={t`Loading explanation`} />;
  if (explanation.isError) return <CannotShow title={t`The explanation cannot be shown`} error={explanation.error} />;
  return <ExplanationView key={explanationId} projectId={projectId} explanation={explanation.data} show={show} />;
}

type Props = { projectId: string; explanation: ExplanationDetail; show: ShowMap };

export function ExplanationView({ projectId, explanation, show }: Props) {
  const navigate = useNavigate();
  const { job } = useJobFeed(projectId, explanation.job);
  const { result, model_id, recording_id } = explanation;
  const { model_name: model, file_name: file } = explanation;
  const recording = projectPath(projectId, "recordings", recording_id);
  return (
    <Stack gap="lg">
      <PageHead
        title={t`What did the model look at?`}
        lead={
          <>
            <Trans>
              “{model}” in {file}
            </Trans>
            {result &&
              `: ${result.label_name}, ${result.regression ? valueText(result.output) : percent(result.output ?? 0, 0)}`}
          </>
        }
        actions={
          <Group gap="xs">
            <ButtonLink variant="default" to={recording}>
              <Trans>Open recording</Trans>
            </ButtonLink>
            {isOver(job) && (
              <ConfirmButton
                takes="delete_explanation"
                label={t`Delete`}
                question={t`Delete this explanation?`}
                confirm={t`Delete explanation`}
                onConfirm={() => deleteExplanation(projectId, explanation.id)}
                onDone={() => navigate(recording, { replace: true })}
              >
                <Trans>Recording and model are kept.</Trans>
              </ConfirmButton>
            )}
          </Group>
        }
      />
      {job.status === "queued" && <WorkerBanner />}
      {(!isOver(job) || job.error || job.status === "cancelled") && (
        <Paper withBorder p="md">
          <JobProgress owner={projectId} job={job} label={t`Progress of the explanation`} />
        </Paper>
      )}
      {result && (
        <>
          <LabelChoice projectId={projectId} modelId={model_id} recordingId={recording_id} label={result.label} />
          <MapView result={result} show={show} projectId={projectId} recordingId={recording_id} />
          {result.nearest && <NearestEcgs projectId={projectId} nearest={result.nearest} label={result.label_name} />}
        </>
      )}
    </Stack>
  );
}
