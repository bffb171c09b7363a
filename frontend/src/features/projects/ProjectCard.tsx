import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Group, Paper, Text, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "react-router";
import { deleteProject, projectsQuery } from "@/api/projects";
import type { Project } from "@/api/types";
import { Chip } from "@/components/Chip";
import { ConfirmButton } from "@/components/ConfirmButton";
import { May } from "@/components/May";
import { dateTime } from "@/lib/format";
import { projectPath } from "@/lib/paths";
import { EditProject } from "./EditProject";

export function ProjectCard({ project }: { project: Project }) {
  const queries = useQueryClient();
  const counts = [
    plural({ n: project.n_recordings }, { one: "# recording", other: "# recordings" }),
    plural({ n: project.n_datasets }, { one: "# label table", other: "# label tables" }),
    plural({ n: project.n_runs }, { one: "# training", other: "# trainings" }),
    plural({ n: project.n_models }, { one: "# model", other: "# models" }),
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
          <May operation="update_project" projectId={project.id}>
            <EditProject project={project} />
          </May>
          <ConfirmButton
            iconOnly
            takes="delete_project"
            projectId={project.id}
            label={t`Delete project ${{ name: project.name }}`}
            question={t`Delete this project?`}
            confirm={t`Delete project`}
            onConfirm={() => deleteProject(project.id)}
            onDone={() => queries.invalidateQueries(projectsQuery())}
          >
            <Trans>
              “{{ name: project.name }}” and everything in it will be deleted permanently:{" "}
              {{ everything: counts.join(", ") }}.
            </Trans>
          </ConfirmButton>
        </Group>
      </Group>
      {project.simulated && (
        <div>
          <Chip tone="info">
            <Trans>Simulated ECGs</Trans>
          </Chip>
        </div>
      )}
      {project.description && (
        <Text size="sm" lineClamp={3}>
          {project.description}
        </Text>
      )}
      <Text size="sm">{counts.join(" · ")}</Text>
      <Text size="sm" c="dimmed" mt="auto">
        <Trans>Created {{ date: dateTime(project.created_at) }}</Trans>
      </Text>
    </Paper>
  );
}
