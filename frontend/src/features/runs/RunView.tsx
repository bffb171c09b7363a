import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Paper, ScrollArea, SimpleGrid, Stack, Text } from "@mantine/core";
import { useMemo } from "react";
import { isOver } from "@/api/jobs";
import type { Run } from "@/api/types";
import { Beside } from "@/components/Beside";
import { ButtonLink } from "@/components/ButtonLink";
import { Note, Notes } from "@/components/Note";
import { Empty, Section } from "@/components/Page";
import { Mistakes } from "@/features/evaluations/Mistakes";
import { JobProgress } from "@/features/jobs/JobProgress";
import { texts, useJobFeed } from "@/features/jobs/useJobFeed";
import { timeLeft } from "@/lib/format";
import { projectPath } from "@/lib/paths";
import { BestSoFar, keepsLast } from "./BestSoFar";
import { ExplainedChart, LearningRateChart, LossChart, ScoreChart } from "./curves";
import { EpochTable } from "./EpochTable";
import { epochsOf, learningRateOf } from "./epochs";
import { FoldTable } from "./FoldTable";
import { foldsTested } from "./folds";
import { RunFacts } from "./RunFacts";
import { RunResult } from "./RunResult";
import { RunSettings } from "./RunSettings";
import { RunSources } from "./RunSources";

/** A training as it happens: status, curves, log. */
export function RunView({ projectId, run }: { projectId: string; run: Run }) {
  const { job, events } = useJobFeed(projectId, run.job);
  const epochs = useMemo(() => epochsOf(events), [events]);
  const learningRate = useMemo(() => learningRateOf(events), [events]);
  const notes = [...new Set(texts(events, "note"))];
  const log = texts(events, "log");
  const folds = useMemo(() => foldsTested(events), [events]);
  const crossValidated = run.how_tested?.method === "cross_validation";
  const last = epochs.at(-1) ?? folds.at(-1);
  const regression = run.facts.task === "regression";
  const over = isOver(job);
  // Training mostly stops before the last epoch, so what is left is an upper limit.
  const left = !over && last?.seconds_left ? timeLeft(last.seconds_left) : null;
  const detail = left === null || crossValidated ? left : t`${left} at most`;
  const resultId = events.findLast((event) => event.kind === "result")?.payload.model_id;
  const modelId = run.model_id ?? (typeof resultId === "string" ? resultId : null);
  return (
    <Stack gap="lg">
      <RunFacts projectId={projectId} run={run} />
      <Paper withBorder p="md">
        <Stack gap="sm">
          <JobProgress
            owner={projectId}
            job={job}
            detail={detail}
            label={t`Progress of the training`}
            canKeep={run.can_keep || (epochs.length > 0 && !crossValidated)}
          />
          <BestSoFar run={run} epochs={epochs} over={over} />
          <FoldTable folds={folds} onlyHead={folds.every(({ n_validation }) => n_validation === 0)} />
          {job.status === "done" && run.how_tested && run.how_tested.folds_by !== "patient" && (
            <RunSources projectId={projectId} runId={run.id} />
          )}
          {job.status === "done" && modelId && <RunResult projectId={projectId} modelId={modelId} />}
          {job.status === "done" && modelId && crossValidated && !regression && (
            <Mistakes projectId={projectId} runId={run.id} />
          )}
          {job.status === "failed" && (
            <Note
              tone="info"
              title={t`What to do next`}
              action={
                <ButtonLink size="sm" variant="default" to={`${projectPath(projectId, "runs", "new")}?again=${run.id}`}>
                  <Trans>New training</Trans>
                </ButtonLink>
              }
            >
              <Trans>Correct what the message above describes and start a new training. Your data is unchanged.</Trans>
            </Note>
          )}
        </Stack>
      </Paper>
      <Notes notes={notes} title={t`Please note`} />
      {(!over || job.status === "done") && <Beside said={run} />}
      {epochs.length === 0 && !over && !crossValidated && (
        <Empty title={t`The curves appear after the first epoch`}>
          <Trans>Until then, recordings are preprocessed and, if needed, a suitable learning rate is determined.</Trans>
        </Empty>
      )}
      {epochs.length > 0 && (
        <SimpleGrid cols={{ base: 1, md: 2 }}>
          <LossChart epochs={epochs} />
          {regression ? <ExplainedChart epochs={epochs} /> : <ScoreChart epochs={epochs} />}
        </SimpleGrid>
      )}
      {epochs.length > 0 && <EpochTable epochs={epochs} regression={regression} lastKept={keepsLast(run)} />}
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        {learningRate && learningRate.curve.length > 0 && <LearningRateChart {...learningRate} />}
        {log.length > 0 && (
          <Section title={t`Log`}>
            <ScrollArea.Autosize mah={280} viewportProps={{ tabIndex: 0, role: "log", "aria-label": t`Log` }}>
              {log.map((line, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: lines are only ever added at the end
                <Text key={index} size="sm" ff="monospace" style={{ overflowWrap: "anywhere" }}>
                  {line}
                </Text>
              ))}
            </ScrollArea.Autosize>
          </Section>
        )}
      </SimpleGrid>
      <RunSettings run={run} />
    </Stack>
  );
}
