import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { usableModelsQuery } from "@/api/models";
import { Section } from "@/components/Page";
import { ModelRow } from "./ModelRow";

/** The models of the other projects, which may be used in this one too; the best of each project first. */
export function ModelsElsewhere({ projectId }: { projectId: string }) {
  const models = useQuery(usableModelsQuery(projectId));
  const others = models.data?.filter((model) => model.project_id !== projectId) ?? [];
  if (others.length === 0) return null;
  return (
    <Section title={t`From other projects`}>
      <Text size="sm" c="dimmed">
        <Trans>Use these here too: predict, evaluate, or start a training from them.</Trans>
      </Text>
      <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: "none" }} aria-label={t`From other projects`}>
        {others.map((model) => (
          <ModelRow key={model.id} model={model} owner={model.project_name} />
        ))}
      </Stack>
    </Section>
  );
}
