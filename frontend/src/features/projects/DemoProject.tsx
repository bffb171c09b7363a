import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Paper, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useNavigate } from "react-router";
import { ACCOUNT } from "@/api/account";
import { createDemoProject } from "@/api/projects";
import type { Job } from "@/api/types";
import { Icon } from "@/components/icons";
import { Problem } from "@/components/Note";
import { JobProgress } from "@/features/jobs/JobProgress";
import { useJobFeed } from "@/features/jobs/useJobFeed";
import { projectPath } from "@/lib/paths";

/** One click makes a project of simulated ECGs; it opens when it is filled. */
export function DemoProject({ invite }: { invite: boolean }) {
  const queries = useQueryClient();
  const demo = useMutation({
    mutationFn: () => createDemoProject(t`Demo: simulated ECGs`),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ACCOUNT }); // who makes a project is its admin
      void queries.invalidateQueries({ queryKey: ["projects"] });
    },
  });
  return (
    <Paper withBorder p="md" component="section" aria-label={t`Demo project`}>
      <Stack gap="sm">
        <Group justify="space-between">
          <Text maw={720}>
            <strong>{invite ? t`New here? Try it without data of your own.` : t`Demo.`}</strong>{" "}
            <Trans>A demo project contains 400 simulated ECGs of five classes, ready for training.</Trans>
          </Text>
          <Button
            variant={invite ? "filled" : "default"}
            loading={demo.isPending}
            leftSection={<Icon name="heart" />}
            onClick={() => demo.mutate()}
          >
            <Trans>Create a demo project</Trans>
          </Button>
        </Group>
        <Problem error={demo.error} />
        {demo.data && <Filling projectId={demo.data.project.id} known={demo.data.job} />}
      </Stack>
    </Paper>
  );
}

function Filling({ projectId, known }: { projectId: string; known: Job }) {
  const navigate = useNavigate();
  const { job } = useJobFeed(projectId, known);
  const done = job.status === "done";
  useEffect(() => {
    if (done) navigate(projectPath(projectId, "recordings"));
  }, [done, navigate, projectId]);
  return <JobProgress owner={projectId} job={job} label={t`Progress of the demo project`} />;
}
