import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Checkbox, Group, Paper, Progress, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { datasetsQuery } from "@/api/datasets";
import { isOver } from "@/api/jobs";
import { runsQuery } from "@/api/runs";
import type { Run } from "@/api/types";
import { ButtonLink, TextLink } from "@/components/ButtonLink";
import { StatusChip } from "@/components/Chip";
import { Icon } from "@/components/icons";
import { Problem } from "@/components/Note";
import { Empty, Loading, PageHead } from "@/components/Page";
import { useProjectId } from "@/components/useProjectId";
import { WorkerBanner } from "@/components/WorkerBanner";
import { dateTime, percent } from "@/lib/format";
import { besideQuery, FEWEST, MOST } from "./sideBySide";

export function RunsPage() {
  const projectId = useProjectId();
  const runs = useQuery(runsQuery(projectId));
  const datasets = useQuery(datasetsQuery(projectId));
  const [picked, setPicked] = useState<string[]>([]);
  const chosen = (runs.data ?? []).map(({ id }) => id).filter((id) => picked.includes(id));
  const toggle = (id: string) => setPicked(picked.includes(id) ? picked.filter((one) => one !== id) : [...picked, id]);
  const noLabels = datasets.data?.length === 0;
  const start = (
    <ButtonLink to="new" leftSection={<Icon name="plus" />}>
      <Trans>New training</Trans>
    </ButtonLink>
  );
  return (
    <Stack gap="lg">
      <PageHead
        title={t`Train`}
        lead={t`Train a model to predict labels or to estimate values. It is then tested on recordings it has not seen.`}
        actions={
          !noLabels && (
            <>
              <ButtonLink to="../comparisons" variant="default">
                <Trans>Which model?</Trans>
              </ButtonLink>
              {start}
            </>
          )
        }
      />
      <WorkerBanner />
      <Problem error={runs.error} title={t`The trainings cannot be shown`} />
      {runs.isPending && <Loading label={t`Loading trainings`} />}
      {runs.data?.length === 0 &&
        (noLabels ? (
          <Empty title={t`Training needs labels first`}>
            <Trans>
              A model is trained on a table that states the label or value of each recording.{" "}
              <TextLink to="../labels">Upload one</TextLink> first.
            </Trans>
          </Empty>
        ) : (
          <Empty title={t`No training yet`} action={start}>
            <Trans>All settings have sensible defaults; you only need to choose the label table.</Trans>
          </Empty>
        ))}
      {runs.data && runs.data.length >= FEWEST && <Chosen ids={chosen} />}
      {runs.data && runs.data.length > 0 && (
        <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: "none" }} aria-label={t`Trainings`}>
          {runs.data.map((run) => (
            <RunRow
              key={run.id}
              run={run}
              chosen={chosen.includes(run.id)}
              onChoose={runs.data.length >= FEWEST ? () => toggle(run.id) : undefined}
            />
          ))}
        </Stack>
      )}
    </Stack>
  );
}

/** How many trainings are chosen, and the way to see them side by side. */
function Chosen({ ids }: { ids: readonly string[] }) {
  const n = ids.length;
  return (
    <Group gap="sm">
      {n >= FEWEST && n <= MOST ? (
        <ButtonLink variant="default" to={`side-by-side${besideQuery(ids)}`}>
          <Trans>Side by side</Trans>
        </ButtonLink>
      ) : (
        <Button variant="default" disabled>
          <Trans>Side by side</Trans>
        </Button>
      )}
      <Text size="sm" c="dimmed" role="status">
        {n === 0 ? t`Choose two to five trainings to see how they differ.` : t`${n} chosen, of two to five.`}
      </Text>
    </Group>
  );
}

type RowProps = { run: Run; chosen: boolean; onChoose: (() => void) | undefined };

function RunRow({ run, chosen, onChoose }: RowProps) {
  const { name } = run;
  return (
    <Paper component="li" withBorder p="md">
      <Stack gap={6}>
        <Group justify="space-between" gap="xs">
          <Group gap="sm" wrap="nowrap" style={{ minWidth: 0 }}>
            {onChoose && <Checkbox aria-label={t`Choose ${name}`} checked={chosen} onChange={onChoose} />}
            <Link className="row-link" to={encodeURIComponent(run.id)}>
              {name}
            </Link>
          </Group>
          <StatusChip status={run.job.status} />
        </Group>
        {run.job.error && <Text size="sm">{run.job.error}</Text>}
        {!isOver(run.job) && (
          <>
            <Progress.Root size="md">
              <Progress.Section value={100 * run.job.progress} color="clinic" aria-label={t`Progress of ${name}`} />
            </Progress.Root>
            <Text size="sm" c="dimmed">
              {percent(run.job.progress)} · {run.job.message || t`waiting to start`}
            </Text>
          </>
        )}
        <Text size="sm" c="dimmed">
          {dateTime(run.created_at)}
        </Text>
      </Stack>
    </Paper>
  );
}
