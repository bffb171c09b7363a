import { Group, Paper, Text, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "react-router";
import { deleteProject, projectsQuery } from "@/api/projects";
import type { Project } from "@/api/types";
import { Chip } from "@/components/Chip";
import { ConfirmButton } from "@/components/ConfirmButton";
import { count, dateTime } from "@/lib/format";
import { projectPath } from "@/lib/paths";
import { EditProject } from "./EditProject";

export function ProjectCard({ project }: { project: Project }) {
  const queries = useQueryClient();
  const counts = [
    count(project.n_recordings, "recording"),
    count(project.n_datasets, "label table"),
    count(project.n_runs, "training"),
    count(project.n_models, "model"),
  ];
  return (
    <Paper component="li" withBorder p="md" style={{ display: "flex", flexDirection: "column", gap: 10 }}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Title order={2} size="h4">
          <Link className="row-link" to={projectPath(project.id, "overview")}>
            {project.name}
          </Link>
        </Title>
        <Group gap={2} wrap="nowrap">
          <EditProject project={project} />
          <ConfirmButton
            iconOnly
            label={`Delete project ${project.name}`}
            question="Delete this project?"
            confirm="Delete project"
            onConfirm={() => deleteProject(project.id)}
            onDone={() => queries.invalidateQueries(projectsQuery())}
          >
            “{project.name}” and everything in it will be deleted permanently: {counts.join(", ")}.
          </ConfirmButton>
        </Group>
      </Group>
      {project.simulated && (
        <div>
          <Chip tone="info">Simulated ECGs</Chip>
        </div>
      )}
      {project.description && (
        <Text size="sm" lineClamp={3}>
          {project.description}
        </Text>
      )}
      <Text size="sm">{counts.join(" · ")}</Text>
      <Text size="sm" c="dimmed" mt="auto">
        Created {dateTime(project.created_at)}
      </Text>
    </Paper>
  );
}
