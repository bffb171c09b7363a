import { t } from "@lingui/core/macro";
import { Group, Progress, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { isOver, type JobOwner } from "@/api/jobs";
import type { JobState } from "@/api/types";
import { StatusChip } from "@/components/Chip";
import { Note } from "@/components/Note";
import { dateTime } from "@/lib/format";
import { CancelJob, isStopping } from "./CancelJob";

/** A running job says what it does; of one that is over only the time is of interest. */
function statusText(job: JobState): string {
  if (isOver(job)) return job.finished_at ? dateTime(job.finished_at) : "";
  return job.message || (job.status === "queued" ? t`Waiting to start` : "");
}

const resumed = ({ attempt }: JobState) => t`Resumed after an interruption (attempt ${attempt}).`;

/** `canKeep`: a training with a best epoch, which is asked for before it is cancelled. */
type Props = { owner: JobOwner; job: JobState; detail?: ReactNode; label: string; canKeep?: boolean };

/** Where a job stands: status, bar, message, and a button that stops it. */
export function JobProgress({ owner, job, detail, label, canKeep = false }: Props) {
  const over = isOver(job);
  const stopping = !over && isStopping(job);
  return (
    <Stack gap="xs">
      <Group justify="space-between" gap="sm">
        <Group gap="sm">
          <StatusChip status={job.status} />
          <Text size="sm" aria-live="polite">
            {stopping ? t`Stopping …` : statusText(job)}
          </Text>
          {detail && (
            <Text size="sm" c="dimmed">
              {detail}
            </Text>
          )}
        </Group>
        {!over && <CancelJob owner={owner} job={job} canKeep={canKeep} />}
      </Group>
      {!over && (
        <Progress.Root size="lg">
          <Progress.Section
            value={100 * job.progress}
            aria-label={label}
            animated={job.status === "running"}
            color="clinic"
          />
        </Progress.Root>
      )}
      {job.attempt > 1 && <Note tone="info">{resumed(job)}</Note>}
      {job.error && (
        <Note tone="bad" title={t`Failed`} alert>
          {job.error}
        </Note>
      )}
    </Stack>
  );
}
