import { Group, Paper, Progress, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
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

export function RunsPage() {
  const projectId = useProjectId();
  const runs = useQuery(runsQuery(projectId));
  const datasets = useQuery(datasetsQuery(projectId));
  const noLabels = datasets.data?.length === 0;
  const start = (
    <ButtonLink to="new" leftSection={<Icon name="plus" />}>
      New training
    </ButtonLink>
  );
  return (
    <Stack gap="lg">
      <PageHead
        title="Train"
        lead="Train a model to predict labels or to estimate values. It is then tested on recordings it has not seen."
        actions={
          !noLabels && (
            <>
              <ButtonLink to="../comparisons" variant="default">
                Which model?
              </ButtonLink>
              {start}
            </>
          )
        }
      />
      <WorkerBanner />
      <Problem error={runs.error} title="The trainings cannot be shown" />
      {runs.isPending && <Loading label="Loading trainings" />}
      {runs.data?.length === 0 &&
        (noLabels ? (
          <Empty title="Training needs labels first">
            A model is trained on a table that states the label or value of each recording.{" "}
            <TextLink to="../labels">Upload one</TextLink> first.
          </Empty>
        ) : (
          <Empty title="No training yet" action={start}>
            All settings have sensible defaults; you only need to choose the label table.
          </Empty>
        ))}
      {runs.data && runs.data.length > 0 && (
        <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: "none" }} aria-label="Trainings">
          {runs.data.map((run) => (
            <RunRow key={run.id} run={run} />
          ))}
        </Stack>
      )}
    </Stack>
  );
}

function RunRow({ run }: { run: Run }) {
  return (
    <Paper component="li" withBorder p="md">
      <Stack gap={6}>
        <Group justify="space-between" gap="xs">
          <Link className="row-link" to={encodeURIComponent(run.id)}>
            {run.name}
          </Link>
          <StatusChip status={run.job.status} />
        </Group>
        {run.job.error && <Text size="sm">{run.job.error}</Text>}
        {!isOver(run.job) && (
          <>
            <Progress.Root size="md">
              <Progress.Section value={100 * run.job.progress} color="clinic" aria-label={`Progress of ${run.name}`} />
            </Progress.Root>
            <Text size="sm" c="dimmed">
              {percent(run.job.progress)} · {run.job.message || "waiting to start"}
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
