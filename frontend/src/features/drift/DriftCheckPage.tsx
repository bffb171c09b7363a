import { t } from "@lingui/core/macro";
import { Plural, Trans } from "@lingui/react/macro";
import { Group, Paper, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { deleteDriftCheck, driftCheckQuery } from "@/api/driftChecks";
import { isOver } from "@/api/jobs";
import type { DriftCheck, DriftResult } from "@/api/types";
import { ButtonLink, TextLink } from "@/components/ButtonLink";
import { CannotShow } from "@/components/CannotShow";
import { ConfirmButton } from "@/components/ConfirmButton";
import { Note, Notes } from "@/components/Note";
import { Loading, PageHead } from "@/components/Page";
import { useParam, useProjectId } from "@/components/useProjectId";
import { WorkerBanner } from "@/components/WorkerBanner";
import { JobProgress } from "@/features/jobs/JobProgress";
import { useJobFeed } from "@/features/jobs/useJobFeed";
import { dateTime, decimal, fixed, percent } from "@/lib/format";
import { projectPath } from "@/lib/paths";
import { OddRecordings } from "./OddRecordings";
import { StatisticsTable } from "./StatisticsTable";
import { VERDICTS } from "./verdict";

/** A drift check: while it runs, then its verdict, the evidence, and the recordings that stick out. */
export function DriftCheckPage() {
  const projectId = useProjectId();
  const check = useQuery(driftCheckQuery(projectId, useParam("checkId")));
  if (check.isPending) return <Loading lines={8} label={t`Loading check`} />;
  if (check.isError) return <CannotShow title={t`The check cannot be shown`} error={check.error} />;
  return <CheckOf key={check.data.id} projectId={projectId} check={check.data} />;
}

function CheckOf({ projectId, check }: { projectId: string; check: DriftCheck }) {
  const navigate = useNavigate();
  const { job } = useJobFeed(projectId, check.job);
  const model = projectPath(projectId, "models", check.model_id);
  const { result, model_name: name, dataset_name: table } = check;
  const created = dateTime(check.created_at);
  return (
    <Stack gap="lg">
      <PageHead
        title={t`Does ${name} fit ${table}?`}
        lead={
          <Trans>
            The ECGs of “{table}” held against those that <TextLink to={model}>{name}</TextLink> learned from ·{" "}
            {created}
          </Trans>
        }
        actions={
          isOver(job) && (
            <ConfirmButton
              takes="delete_drift_check"
              label={t`Delete`}
              question={t`Delete this check?`}
              confirm={t`Delete the check`}
              onConfirm={() => deleteDriftCheck(projectId, check.id)}
              onDone={() => navigate(model, { replace: true })}
            >
              <Trans>Recordings, labels and model are kept.</Trans>
            </ConfirmButton>
          )
        }
      />
      {job.status === "queued" && <WorkerBanner />}
      {!(result && job.status === "done") && (
        <Paper withBorder p="md">
          <JobProgress owner={projectId} job={job} label={t`Progress of the check`} />
        </Paper>
      )}
      {result && <Verdict result={result} evaluate={`${model}/evaluate`} />}
      <Notes tone="calm" title={t`Not part of the check`} notes={check.left_out.map(({ why }) => why)} />
      {result && <Evidence result={result} />}
      {result && result.n_odd > 0 && <OddRecordings projectId={projectId} checkId={check.id} />}
      {result && result.shifts.length > 0 && (
        <Paper withBorder p="md">
          <StatisticsTable result={result} />
        </Paper>
      )}
    </Stack>
  );
}

function Verdict({ result, evaluate }: { result: DriftResult; evaluate: string }) {
  const { tone, title } = VERDICTS[result.verdict];
  // Not translated: a word of the API.
  const differs = result.verdict === "different" || result.verdict === "very different";
  return (
    <Note
      tone={tone}
      title={title}
      action={
        differs && (
          <ButtonLink size="sm" to={evaluate}>
            <Trans>Evaluate the model</Trans>
          </ButtonLink>
        )
      }
    >
      <p style={{ margin: "0 0 6px" }}>{result.text}</p>
      {result.findings.length > 0 && (
        <ul style={{ margin: 0, paddingLeft: 18 }}>
          {result.findings.map(({ text }) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
    </Note>
  );
}

function discrepancyText(squared: number, p: number, how: DriftResult["how"]): string {
  const discrepancy = decimal(squared.toPrecision(2));
  const chance = p < 0.001 ? `< ${fixed(0.001, 3)}` : fixed(p, 3);
  return how === "permutation"
    ? t`As CardX sees them, they differ by a squared discrepancy of ${discrepancy} (p ${chance}, patients divided anew by lot).`
    : t`As CardX sees them, they differ by a squared discrepancy of ${discrepancy} (p ${chance}, by the covariance kept with the model).`;
}

function Evidence({ result }: { result: DriftResult }) {
  const { discrepancy, p, beyond, expected, n, n_patients: nPatients, n_training: nTraining } = result;
  const [beyondShare, expectedShare] = [percent(beyond ?? 0), percent(expected ?? 0)];
  return (
    <Group gap="xs">
      <Text size="sm" c="dimmed" maw={860}>
        <Trans>
          <Plural value={n} one="# ECG" other="# ECGs" /> of{" "}
          <Plural value={nPatients} one="# patient" other="# patients" /> were held against those of{" "}
          <Plural value={nTraining} one="# patient" other="# patients" /> of the training; each patient counts by one
          ECG.
        </Trans>
        {discrepancy !== null && p !== null && ` ${discrepancyText(discrepancy, p, result.how)}`}
        {beyond !== null &&
          ` ${t`${beyondShare} of them lie farther from the training than ${expectedShare} of its own ECGs do.`}`}
      </Text>
    </Group>
  );
}
