import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Paper, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { createDatasetOfFiles, labelsInFilesQuery } from "@/api/datasets";
import type { LabelSource } from "@/api/types";
import { Problem } from "@/components/Note";
import { Section } from "@/components/Page";
import { region } from "@/language/language";

/** Labels that the files of the recordings hold themselves: they become a label table where one asks for it. */
export function LabelsInFiles({ projectId }: { projectId: string }) {
  const sources = useQuery(labelsInFilesQuery(projectId));
  if (!sources.data?.length) return null;
  return (
    <Paper withBorder p="md">
      <Section title={t`Labels in the ECG files`}>
        <Stack gap="md">
          {sources.data.map((source) => (
            <Source key={source.name} projectId={projectId} source={source} />
          ))}
        </Stack>
      </Section>
    </Paper>
  );
}

function Source({ projectId, source }: { projectId: string; source: LabelSource }) {
  const queries = useQueryClient();
  const create = useMutation({
    mutationFn: (superclasses: boolean) => createDatasetOfFiles(projectId, [source.name], superclasses),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["project", projectId] }),
  });
  const labels = source.labels.map((one) => `${one.label} (${one.n_recordings.toLocaleString(region())})`);
  const { name } = source;
  const first = `${labels.slice(0, 6).join(", ")}${source.n_labels > 6 ? " …" : ""}`;
  return (
    <Stack gap={6}>
      <Group justify="space-between" align="flex-start" gap="sm">
        <div style={{ flex: "1 1 260px", minWidth: 0 }}>
          <Text fw={600} size="sm">
            {source.is_statements ? t`Statements (${name})` : t`Column ${name}`}
          </Text>
          <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            {t`${plural(source.n_labels, { one: "# label", other: "# labels" })} in ${plural(source.n_recordings, {
              one: "# recording",
              other: "# recordings",
            })}: ${first}`}
          </Text>
        </div>
        <Group gap="xs">
          {source.name === "SCP-ECG" && (
            <Button size="sm" variant="default" loading={create.isPending} onClick={() => create.mutate(true)}>
              <Trans>Use as superclasses</Trans>
            </Button>
          )}
          <Button size="sm" variant="default" loading={create.isPending} onClick={() => create.mutate(false)}>
            <Trans>Use as labels</Trans>
          </Button>
        </Group>
      </Group>
      <Problem error={create.error} title={t`The labels could not be used`} />
    </Stack>
  );
}
