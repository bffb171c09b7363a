import { Paper, ScrollArea, SimpleGrid, Stack, Text } from "@mantine/core";
import { useMemo } from "react";
import { isOver } from "@/api/jobs";
import type { Run } from "@/api/types";
import { ButtonLink } from "@/components/ButtonLink";
import { Note, Notes } from "@/components/Note";
import { Empty, Section } from "@/components/Page";
import { JobProgress } from "@/features/jobs/JobProgress";
import { texts, useJobFeed } from "@/features/jobs/useJobFeed";
import { epochsOf, learningRateOf } from "@/lib/epochs";
import { timeLeft } from "@/lib/format";
import { projectPath } from "@/lib/paths";
import { BestSoFar, keepsLast } from "./BestSoFar";
import { ExplainedChart, LearningRateChart, LossChart, ScoreChart } from "./curves";
import { EpochTable } from "./EpochTable";
import { RunFacts } from "./RunFacts";
import { RunResult } from "./RunResult";
import { RunSettings } from "./RunSettings";

/** A training as it happens: status, curves, log. */
export function RunView({ projectId, run }: { projectId: string; run: Run }) {
  const { job, events } = useJobFeed(projectId, run.job);
  const epochs = useMemo(() => epochsOf(events), [events]);
  const learningRate = useMemo(() => learningRateOf(events), [events]);
  const notes = [...new Set(texts(events, "note"))];
  const log = texts(events, "log");
  const last = epochs.at(-1);
  const regression = run.facts.task === "regression";
  const over = isOver(job);
  // Training mostly stops before the last epoch, so what is left is an upper limit.
  const detail = !over && last?.seconds_left ? `${timeLeft(last.seconds_left)} at most` : null;
  const resultId = events.findLast((event) => event.kind === "result")?.payload.model_id;
  const modelId = run.model_id ?? (typeof resultId === "string" ? resultId : null);
  return (
    <Stack gap="lg">
      <RunFacts projectId={projectId} run={run} />
      <Paper withBorder p="md">
        <Stack gap="sm">
          <JobProgress projectId={projectId} job={job} detail={detail} label="Progress of the training" />
          <BestSoFar run={run} epochs={epochs} over={over} />
          {job.status === "done" && modelId && <RunResult projectId={projectId} modelId={modelId} />}
          {job.status === "failed" && (
            <Note
              tone="info"
              title="What you can do"
              action={
                <ButtonLink size="sm" variant="default" to={projectPath(projectId, "runs", "new")}>
                  New training
                </ButtonLink>
              }
            >
              Change what the message above says, then start a new training. Nothing of your data was changed.
            </Note>
          )}
        </Stack>
      </Paper>
      <Notes notes={notes} title="Take note" />
      {epochs.length === 0 && !over && (
        <Empty title="The curves appear after the first epoch">
          Until then the recordings are prepared and, where the head alone does not do, a good learning rate is sought.
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
          <Section title="Log">
            <ScrollArea.Autosize mah={280} viewportProps={{ tabIndex: 0, role: "log", "aria-label": "Log" }}>
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
