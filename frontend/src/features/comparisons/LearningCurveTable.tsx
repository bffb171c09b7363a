import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor, Progress, Table, Text } from "@mantine/core";
import { Link } from "react-router";
import { isOver } from "@/api/jobs";
import type { Estimate, LearningCurve, LearningCurvePoint } from "@/api/types";
import { StatusChip } from "@/components/Chip";
import { score } from "@/lib/format";
import { projectPath } from "@/lib/paths";

const MEASURES = {
  macro_auroc: t`AUROC, mean over labels (95 % interval)`,
  macro_r2: t`R², mean over values (95 % interval)`,
};
const SHARES: Record<string, string> = { "0.25": t`A quarter`, "0.5": t`Half`, "1": t`All` };

/** From how much a fold learned, and how good it was; where a share is left out, why. */
export function LearningCurveTable({ projectId, curve }: { projectId: string; curve: LearningCurve }) {
  return (
    <Table.ScrollContainer minWidth={480} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table className="numbers" aria-label={t`Learning curve`}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>
              <Trans>Learned from</Trans>
            </Table.Th>
            <Table.Th ta="right">
              <Trans>Recordings</Trans>
            </Table.Th>
            <Table.Th ta="right">
              <Trans>Patients</Trans>
            </Table.Th>
            <Table.Th>{MEASURES[curve.measure]}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {curve.points.map((point) => (
            <Table.Tr key={point.share}>
              <Table.Td>
                <Name projectId={projectId} point={point} />
              </Table.Td>
              <Table.Td ta="right">{point.n ?? "–"}</Table.Td>
              <Table.Td ta="right">{point.n_patients ?? "–"}</Table.Td>
              <Table.Td>{point.score ? scoreText(point.score) : <State point={point} />}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Name({ projectId, point }: { projectId: string; point: LearningCurvePoint }) {
  const name = SHARES[String(point.share)] ?? String(point.share);
  const runId = point.run_id;
  if (!runId) return <>{name}</>;
  return (
    <Anchor size="sm" renderRoot={(props) => <Link to={projectPath(projectId, "runs", runId)} {...props} />}>
      {name}
    </Anchor>
  );
}

/** "0.846 (0.781 to 0.894)", or why there is no number. */
export function scoreText({ value, low, high, withheld }: Estimate): string {
  if (value === null) return withheld ?? t`too few to say`;
  if (low === null || high === null) return score(value);
  const [middle, from, to] = [score(value), score(low), score(high)];
  return t`${middle} (${from} to ${to})`;
}

function State({ point: { job, why_not: why, share } }: { point: LearningCurvePoint }) {
  if (why) return <Text size="sm">{why}</Text>;
  if (!job) return <>{t`not trained yet`}</>;
  if (share === 1) return <>–</>;
  return (
    <>
      <StatusChip status={job.status} />
      {!isOver(job) && (
        <Progress.Root size="sm" my={4}>
          <Progress.Section value={100 * job.progress} aria-label={t`Progress of the training`} color="clinic" />
        </Progress.Root>
      )}
      <Text size="sm">{job.error ?? (isOver(job) ? "" : job.message)}</Text>
    </>
  );
}
