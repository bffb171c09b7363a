import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor, Button, Group, Progress, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Link } from "react-router";
import { isOver, resumeJob } from "@/api/jobs";
import type { TrayJob } from "@/api/types";
import { StatusChip } from "@/components/Chip";
import { Icon } from "@/components/icons";
import { useMay } from "@/components/May";
import { Problem } from "@/components/Note";
import { dateTime, percent, timeLeft } from "@/lib/format";
import { CancelJob } from "../CancelJob";
import { KINDS, placeOf } from "./words";

/** One job: what it is, how far it is, and what can be done with it. */
export function TrayItem({ job, onGo }: { job: TrayJob; onGo: () => void }) {
  const resume = useMutation({ mutationFn: () => resumeJob(job.project_id, job.id) });
  const may = useMay();
  const { title } = job;
  const over = isOver(job);
  const left = job.seconds_left === null ? null : timeLeft(job.seconds_left);
  return (
    <Stack component="li" gap={6} className="line">
      <Group justify="space-between" gap={4} wrap="nowrap" align="flex-start">
        <div style={{ minWidth: 0 }}>
          <Anchor
            size="sm"
            fw={600}
            onClick={onGo}
            style={{ overflowWrap: "anywhere" }}
            renderRoot={(props) => <Link to={placeOf(job)} {...props} />}
          >
            {title}
          </Anchor>
          <Text size="xs" c="dimmed">
            {KINDS[job.thing]} · {job.project_name}
          </Text>
        </div>
        <StatusChip status={job.status} />
      </Group>
      {!over && (
        <Progress.Root size="md">
          <Progress.Section value={100 * job.progress} aria-label={t`Progress of ${title}`} color="clinic" />
        </Progress.Root>
      )}
      <Text size="xs" style={{ overflowWrap: "anywhere" }}>
        {over
          ? job.finished_at
            ? dateTime(job.finished_at)
            : ""
          : `${percent(job.progress)} · ${left ?? job.message}`}
      </Text>
      {job.error && (
        <Text size="xs" c="var(--tone-bad)" style={{ overflowWrap: "anywhere" }} lineClamp={4}>
          {job.error}
        </Text>
      )}
      {!over && <CancelJob owner={job.project_id} job={job} canKeep={job.can_keep} size="compact-xs" />}
      {job.can_resume && may("resume_job", job.project_id) && (
        <div>
          <Button
            size="compact-xs"
            variant="default"
            leftSection={<Icon name="again" size={14} />}
            loading={resume.isPending}
            disabled={resume.isSuccess}
            onClick={() => resume.mutate()}
          >
            <Trans>Resume</Trans>
          </Button>
        </div>
      )}
      <Problem error={resume.error} />
    </Stack>
  );
}
