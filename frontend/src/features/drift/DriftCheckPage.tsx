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
import { count, dateTime, percent } from "@/lib/format";
import { projectPath } from "@/lib/paths";
import { OddRecordings } from "./OddRecordings";
import { StatisticsTable } from "./StatisticsTable";
import { VERDICTS } from "./verdict";

/** A drift check: while it runs, then its verdict, the evidence, and the recordings that stick out. */
export function DriftCheckPage() {
  const projectId = useProjectId();
  const check = useQuery(driftCheckQuery(projectId, useParam("checkId")));
  if (check.isPending) return <Loading lines={8} label="Loading check" />;
  if (check.isError) return <CannotShow title="The check cannot be shown" error={check.error} />;
  return <CheckOf key={check.data.id} projectId={projectId} check={check.data} />;
}

function CheckOf({ projectId, check }: { projectId: string; check: DriftCheck }) {
  const navigate = useNavigate();
  const { job } = useJobFeed(projectId, check.job);
  const model = projectPath(projectId, "models", check.model_id);
  const { result } = check;
  return (
    <Stack gap="lg">
      <PageHead
        title={`Does ${check.model_name} fit ${check.dataset_name}?`}
        lead={
          <>
            The ECGs of “{check.dataset_name}” held against those that{" "}
            <TextLink to={model}>{check.model_name}</TextLink> learned from · {dateTime(check.created_at)}
          </>
        }
        actions={
          isOver(job) && (
            <ConfirmButton
              label="Delete"
              question="Delete this check?"
              confirm="Delete the check"
              onConfirm={() => deleteDriftCheck(projectId, check.id)}
              onDone={() => navigate(model, { replace: true })}
            >
              Recordings, labels and model are kept.
            </ConfirmButton>
          )
        }
      />
      {job.status === "queued" && <WorkerBanner />}
      {!(result && job.status === "done") && (
        <Paper withBorder p="md">
          <JobProgress owner={projectId} job={job} label="Progress of the check" />
        </Paper>
      )}
      {result && <Verdict result={result} evaluate={`${model}/evaluate`} />}
      <Notes tone="calm" title="Not part of the check" notes={check.left_out.map(({ why }) => why)} />
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
  const differs = result.verdict === "different" || result.verdict === "very different";
  return (
    <Note
      tone={tone}
      title={title}
      action={
        differs && (
          <ButtonLink size="sm" to={evaluate}>
            Evaluate the model
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

function Evidence({ result }: { result: DriftResult }) {
  const { discrepancy, p, beyond, expected, how } = result;
  return (
    <Group gap="xs">
      <Text size="sm" c="dimmed" maw={860}>
        {count(result.n, "ECG")} of {count(result.n_patients, "patient")} were held against those of{" "}
        {count(result.n_training, "patient")} of the training; each patient counts by one ECG.
        {discrepancy !== null &&
          p !== null &&
          ` As CardX sees them, they differ by a squared discrepancy of ${discrepancy.toPrecision(2)} (p ${p < 0.001 ? "< 0.001" : p.toFixed(3)}, ${how === "permutation" ? "patients divided anew by lot" : "by the covariance kept with the model"}).`}
        {beyond !== null &&
          ` ${percent(beyond)} of them lie farther from the training than ${percent(expected)} of its own ECGs do.`}
      </Text>
    </Group>
  );
}
