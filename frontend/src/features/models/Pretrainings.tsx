import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Paper, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { isOver, jobsQuery } from "@/api/jobs";
import type { Job } from "@/api/types";
import { Notes } from "@/components/Note";
import { Section } from "@/components/Page";
import { JobProgress } from "@/features/jobs/JobProgress";
import { texts, useJobFeed } from "@/features/jobs/useJobFeed";
import { region } from "@/language/language";
import { score } from "@/lib/format";
import { lossTitle, measurementsOf } from "./pretraining";

const KIND = "pretrainings.pretrain";

/** The pre-trainings of a project that are not over, and the last one if it failed. */
export function Pretrainings({ projectId }: { projectId: string }) {
  const jobs = useQuery(jobsQuery(projectId));
  const [newest, ...older] = (jobs.data ?? []).filter((job) => job.kind === KIND);
  const shown = [
    ...(newest && (!isOver(newest) || newest.status === "failed") ? [newest] : []),
    ...older.filter((job) => !isOver(job)),
  ];
  return shown.map((job) => <Pretraining key={job.id} projectId={projectId} known={job} />);
}

function Pretraining({ projectId, known }: { projectId: string; known: Job }) {
  const { job, events } = useJobFeed(projectId, known);
  const measured = measurementsOf(events);
  const names = Object.keys(measured.at(-1)?.held_out ?? {});
  return (
    <Paper withBorder p="md">
      <Section title={t`Pre-training of CardX`}>
        <JobProgress owner={projectId} job={job} label={t`Progress of the pre-training`} />
        <Notes notes={texts(events, "note")} title={t`Please note`} />
        {measured.length > 0 && (
          <>
            <Text size="sm" c="dimmed">
              <Trans>Errors on recordings that nothing is learned from: the lower, the better.</Trans>
            </Text>
            <Table.ScrollContainer
              minWidth={320}
              maxHeight={280}
              scrollAreaProps={{ viewportProps: { tabIndex: 0, "aria-label": t`Errors of the pre-training` } }}
            >
              <Table className="numbers" aria-label={t`Errors of the pre-training`}>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th ta="right">
                      <Trans>ECGs passed</Trans>
                    </Table.Th>
                    {names.map((name) => (
                      <Table.Th key={name} ta="right">
                        {lossTitle(name)}
                      </Table.Th>
                    ))}
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {measured.map((row) => (
                    <Table.Tr key={row.steps}>
                      <Table.Td ta="right">{row.passes.toLocaleString(region())}</Table.Td>
                      {names.map((name) => (
                        <Table.Td key={name} ta="right">
                          {score(row.held_out[name])}
                        </Table.Td>
                      ))}
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          </>
        )}
      </Section>
    </Paper>
  );
}
