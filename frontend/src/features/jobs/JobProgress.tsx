import { Button, Group, Progress, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { cancelJob, isOver, type JobOwner } from "@/api/jobs";
import type { JobState } from "@/api/types";
import { StatusChip } from "@/components/Chip";
import { Icon } from "@/components/icons";
import { Note, Problem } from "@/components/Note";
import { dateTime } from "@/lib/format";

/** A running job says what it does; of one that is over only the time is of interest. */
function statusText(job: JobState): string {
  if (isOver(job)) return job.finished_at ? dateTime(job.finished_at) : "";
  return job.message || (job.status === "queued" ? "Waiting to start" : "");
}

type Props = { owner: JobOwner; job: JobState; detail?: ReactNode; label: string };

/** Where a job stands: status, bar, message, and a button that stops it. */
export function JobProgress({ owner, job, detail, label }: Props) {
  const cancel = useMutation({ mutationFn: () => cancelJob(owner, job.id) });
  const over = isOver(job);
  const stopping = !over && (job.cancel_requested_at !== null || cancel.isSuccess);
  return (
    <Stack gap="xs">
      <Group justify="space-between" gap="sm">
        <Group gap="sm">
          <StatusChip status={job.status} />
          <Text size="sm" aria-live="polite">
            {stopping ? "Stopping …" : statusText(job)}
          </Text>
          {detail && (
            <Text size="sm" c="dimmed">
              {detail}
            </Text>
          )}
        </Group>
        {!over && (
          <Button
            size="xs"
            variant="default"
            leftSection={<Icon name="stop" size={14} />}
            disabled={stopping}
            loading={cancel.isPending}
            onClick={() => cancel.mutate()}
          >
            Cancel
          </Button>
        )}
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
      {job.attempt > 1 && <Note tone="info">Resumed after an interruption (attempt {job.attempt}).</Note>}
      {job.error && (
        <Note tone="bad" title="Failed" alert>
          {job.error}
        </Note>
      )}
      <Problem error={cancel.error} />
    </Stack>
  );
}
