import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Paper, Progress, Stack, Text, Title } from "@mantine/core";
import { annotationsCsvPath } from "@/api/annotations";
import type { LabelSet } from "@/api/types";
import { ButtonLink, DownloadLink } from "@/components/ButtonLink";
import { Chip } from "@/components/Chip";
import { Icon } from "@/components/icons";
import { May, useMay } from "@/components/May";
import { RemoveButton } from "@/components/RemoveButton";
import { region } from "@/language/language";
import { projectPath } from "@/lib/paths";
import { Freeze } from "./Freeze";

type Props = { projectId: string; set: LabelSet; onEdit: () => void };

/** One label set: how far it is read, and all that can be done with it by who has signed in. */
export function LabelSetCard({ projectId, set, onEdit }: Props) {
  const may = useMay();
  const { n_recordings, n_read, n_read_twice, n_left } = set.progress;
  const base = projectPath(projectId, "labels", set.id);
  const share = n_recordings === 0 ? 0 : (100 * n_read) / n_recordings;
  const { name } = set;
  const labels = set.labels.map((one) => one.name).join(", ");
  const several = set.n_readers > 1 || n_read_twice > 0;
  return (
    <Paper withBorder p="md" component="article" aria-label={set.name}>
      <Stack gap="sm">
        <Group justify="space-between" align="flex-start" wrap="nowrap">
          <Group gap="xs" style={{ minWidth: 0 }}>
            <Title order={3} size="h4" style={{ overflowWrap: "anywhere" }}>
              {set.name}
            </Title>
            {set.blind && (
              <Chip tone="info">
                <Trans>Blind</Trans>
              </Chip>
            )}
          </Group>
          <Group gap={4} wrap="nowrap">
            <May projectId={projectId} operation="change_label_set">
              <Button size="sm" variant="subtle" leftSection={<Icon name="pencil" size={16} />} onClick={onEdit}>
                <Trans>Change</Trans>
              </Button>
            </May>
            <RemoveButton
              thing={{ kind: "label_set", projectId, id: set.id, name }}
              iconOnly
              label={t`Delete ${{ name: set.name }}`}
              ask={{
                question: t`Delete this label set?`,
                confirm: t`Delete label set`,
                children: (
                  <Trans>
                    “{name}” and everything that readers said by it will be deleted. Datasets made of it are kept.
                  </Trans>
                ),
              }}
            />
          </Group>
        </Group>
        <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {set.task === "single_label" ? t`One label per ECG: ${labels}` : t`Several labels per ECG: ${labels}`}
        </Text>
        <Progress value={share} aria-label={t`${n_read} of ${n_recordings} ECGs read`} />
        <Text size="sm">{progressText(set.progress, several)}</Text>
        <Group gap="xs">
          <ButtonLink to={`${base}/read`} size="sm" variant={n_left > 0 ? "filled" : "default"}>
            <Trans>Read ECGs</Trans>
          </ButtonLink>
          {several && (
            <ButtonLink to={`${base}/readers`} size="sm" variant="default">
              <Trans>Disagreements and agreement</Trans>
            </ButtonLink>
          )}
          <May projectId={projectId} operation="freeze_label_set">
            <Freeze projectId={projectId} set={set} />
          </May>
          {may("get_annotations_csv", projectId) && (
            <>
              <DownloadLink href={annotationsCsvPath(projectId, set.id, false)} size="sm">
                <Trans>CSV</Trans>
              </DownloadLink>
              <DownloadLink href={annotationsCsvPath(projectId, set.id, true)} size="sm">
                <Trans>CSV, each reading</Trans>
              </DownloadLink>
            </>
          )}
        </Group>
      </Stack>
    </Paper>
  );
}

/** How many ECGs are read, by how many readers, and on how many it is to be decided. */
function progressText(progress: LabelSet["progress"], several: boolean): string {
  const { n_recordings, n_disagreements } = progress;
  const read = progress.n_read.toLocaleString(region());
  const twice = progress.n_read_twice.toLocaleString(region());
  const decided = progress.n_adjudicated.toLocaleString(region());
  const parts = [
    several
      ? plural(n_recordings, {
          one: `${read} of # ECG read, ${twice} by more than one reader`,
          other: `${read} of # ECGs read, ${twice} by more than one reader`,
        })
      : plural(n_recordings, { one: `${read} of # ECG read`, other: `${read} of # ECGs read` }),
    n_disagreements > 0 &&
      plural(n_disagreements, { one: "# disagreement to be decided", other: "# disagreements to be decided" }),
    progress.n_adjudicated > 0 && t`${decided} decided`,
  ];
  return parts.filter(Boolean).join(" · ");
}
