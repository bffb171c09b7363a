import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, SimpleGrid, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { projectsQuery } from "@/api/projects";
import { Icon } from "@/components/icons";
import { Problem } from "@/components/Note";
import { Loading, PageHead } from "@/components/Page";
import { WorkerBanner } from "@/components/WorkerBanner";
import { CreateProject } from "./CreateProject";
import { DemoProject } from "./DemoProject";
import { FiveSteps } from "./FiveSteps";
import { ProjectCard } from "./ProjectCard";

export function ProjectsPage() {
  const projects = useQuery(projectsQuery());
  const [creating, setCreating] = useState(false);
  return (
    <Stack gap="lg">
      <PageHead
        title={t`Projects`}
        lead={t`A project contains ECGs, their labels, and the models trained on them.`}
        actions={
          <Button leftSection={<Icon name="plus" />} onClick={() => setCreating(true)}>
            <Trans>New project</Trans>
          </Button>
        }
      />
      <WorkerBanner />
      <CreateProject open={creating} onClose={() => setCreating(false)} />
      <DemoProject invite={projects.data?.length === 0} />
      {projects.isPending && <Loading label={t`Loading projects`} />}
      <Problem error={projects.error} title={t`The projects cannot be shown`} />
      {projects.data?.length === 0 && <FiveSteps />}
      {projects.data && projects.data.length > 0 && (
        <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} component="ul" p={0} m={0} style={{ listStyle: "none" }}>
          {projects.data.map((project) => (
            <ProjectCard key={project.id} project={project} />
          ))}
        </SimpleGrid>
      )}
      {projects.data && projects.data.length > 0 && (
        <Group>
          <Text size="sm" c="dimmed">
            <Trans>All data stay on the computer this platform runs on.</Trans>
          </Text>
        </Group>
      )}
    </Stack>
  );
}
