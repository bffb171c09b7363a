import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Paper, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { isOver, jobsQuery } from "@/api/jobs";
import type { Job } from "@/api/types";
import { JobProgress } from "@/features/jobs/JobProgress";
import { useJobFeed } from "@/features/jobs/useJobFeed";

/** Shows that a demo project is still being filled. */
export function DemoProgress({ projectId }: { projectId: string }) {
  const jobs = useQuery(jobsQuery(projectId));
  const filling = jobs.data?.find((job) => /demo|simulat/.test(job.kind) && !isOver(job));
  return filling ? <Filling key={filling.id} projectId={projectId} known={filling} /> : null;
}

function Filling({ projectId, known }: { projectId: string; known: Job }) {
  const { job } = useJobFeed(projectId, known);
  return (
    <Paper withBorder p="md">
      <Stack gap="xs">
        <Text fw={600}>
          <Trans>The demo project is being created</Trans>
        </Text>
        <JobProgress owner={projectId} job={job} label={t`Progress of the demo project`} />
      </Stack>
    </Paper>
  );
}
