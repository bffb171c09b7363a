import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor, Group, Progress, Table, Text } from "@mantine/core";
import { Link } from "react-router";
import { isOver } from "@/api/jobs";
import type { ComparedCandidate, ComparisonDetail } from "@/api/types";
import { Chip, StatusChip } from "@/components/Chip";
import { region } from "@/language/language";
import { score, seconds } from "@/lib/format";
import { projectPath } from "@/lib/paths";
import { DifferencePlot, inWords } from "./DifferencePlot";
import { type Row, toBest } from "./differences";

const MEASURES = { macro_auroc: t`AUROC, mean over labels`, macro_r2: t`R², mean over values` };

type Props = { projectId: string; comparison: ComparisonDetail };

/** One row a candidate: how far it is, how good it is, and what it cost; the best first once all are done. */
export function CandidateTable({ projectId, comparison }: Props) {
  const { candidates, result } = comparison;
  const rows = toBest(comparison);
  const order = [
    ...rows.map(({ place }) => place),
    ...candidates.map((_, place) => place).filter((place) => !rows.some((row) => row.place === place)),
  ];
  return (
    <Table.ScrollContainer minWidth={760} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table className="numbers" aria-label={t`Compared models`}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>
              <Trans>Model</Trans>
            </Table.Th>
            <Table.Th ta="right">{result ? MEASURES[result.measure] : t`Score`}</Table.Th>
            <Table.Th>
              <Trans>Difference to the best (95 % interval)</Trans>
            </Table.Th>
            <Table.Th ta="right">
              <Trans>Training</Trans>
            </Table.Th>
            <Table.Th ta="right">
              <Trans>Parameters</Trans>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {order.map((place) => {
            const candidate = candidates[place];
            const row = rows.find((one) => one.place === place);
            return (
              candidate && (
                <Table.Tr key={candidate.title}>
                  <Table.Td>
                    <Group gap="xs">
                      <Name projectId={projectId} candidate={candidate} />
                      {result?.chosen === place && (
                        <Chip tone="good" icon="check">
                          <Trans>Use this one</Trans>
                        </Chip>
                      )}
                    </Group>
                  </Table.Td>
                  <Table.Td ta="right">{score(candidate.score)}</Table.Td>
                  <Table.Td>
                    {row ? (
                      <>
                        <DifferencePlot row={row} rows={rows} />
                        <Text size="sm">{verdictOf(row)}</Text>
                      </>
                    ) : (
                      <State candidate={candidate} />
                    )}
                  </Table.Td>
                  <Table.Td ta="right">{candidate.seconds === null ? "–" : seconds(candidate.seconds)}</Table.Td>
                  <Table.Td ta="right">{candidate.parameters?.toLocaleString(region()) ?? "–"}</Table.Td>
                </Table.Tr>
              )
            );
          })}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function verdictOf({ difference, worse }: Row): string {
  const estimate = inWords(difference);
  if (!difference) return estimate;
  return worse ? t`${estimate}, worse` : t`${estimate}, not distinguishable`;
}

function Name({ projectId, candidate }: { projectId: string; candidate: ComparedCandidate }) {
  const to = candidate.model_id
    ? projectPath(projectId, "models", candidate.model_id)
    : candidate.run_id && projectPath(projectId, "runs", candidate.run_id);
  if (!to) return <Text size="sm">{candidate.title}</Text>;
  return (
    <Anchor size="sm" renderRoot={(props) => <Link to={to} {...props} />}>
      {candidate.title}
    </Anchor>
  );
}

function State({ candidate: { job, title } }: { candidate: ComparedCandidate }) {
  if (!job)
    return (
      <Text size="sm">
        <Trans>Its training has been deleted.</Trans>
      </Text>
    );
  return (
    <>
      <StatusChip status={job.status} />
      {!isOver(job) && (
        <Progress.Root size="sm" my={4}>
          <Progress.Section value={100 * job.progress} aria-label={t`Progress of ${title}`} color="clinic" />
        </Progress.Root>
      )}
      <Text size="sm">{job.error ?? (isOver(job) ? "" : job.message)}</Text>
    </>
  );
}
