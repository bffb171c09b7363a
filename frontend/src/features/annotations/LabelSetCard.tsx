import { Button, Group, Paper, Progress, Stack, Text, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { accountQuery } from "@/api/account";
import { annotationsCsvPath, deleteLabelSet } from "@/api/annotations";
import type { LabelSet } from "@/api/types";
import { ButtonLink, DownloadLink } from "@/components/ButtonLink";
import { Chip } from "@/components/Chip";
import { ConfirmButton } from "@/components/ConfirmButton";
import { Icon } from "@/components/icons";
import { mayAs } from "@/components/roles";
import { region } from "@/language/language";
import { count } from "@/lib/format";
import { projectPath } from "@/lib/paths";
import { Freeze } from "./Freeze";

type Props = { projectId: string; set: LabelSet; onEdit: () => void };

/** One label set: how far it is read, and all that can be done with it by who has signed in. */
export function LabelSetCard({ projectId, set, onEdit }: Props) {
  const queries = useQueryClient();
  const isTrainer = mayAs("trainer", useQuery(accountQuery()).data, projectId);
  const { n_recordings, n_read, n_read_twice, n_left, n_disagreements, n_adjudicated } = set.progress;
  const base = projectPath(projectId, "labels", set.id);
  const share = n_recordings === 0 ? 0 : (100 * n_read) / n_recordings;
  const several = set.n_readers > 1 || n_read_twice > 0;
  return (
    <Paper withBorder p="md" component="article" aria-label={set.name}>
      <Stack gap="sm">
        <Group justify="space-between" align="flex-start" wrap="nowrap">
          <Group gap="xs" style={{ minWidth: 0 }}>
            <Title order={3} size="h4" style={{ overflowWrap: "anywhere" }}>
              {set.name}
            </Title>
            {set.blind && <Chip tone="info">Blind</Chip>}
          </Group>
          {isTrainer && (
            <Group gap={4} wrap="nowrap">
              <Button size="sm" variant="subtle" leftSection={<Icon name="pencil" size={16} />} onClick={onEdit}>
                Change
              </Button>
              <ConfirmButton
                iconOnly
                label={`Delete ${set.name}`}
                question="Delete this label set?"
                confirm="Delete label set"
                onConfirm={() => deleteLabelSet(projectId, set.id)}
                onDone={() => queries.invalidateQueries({ queryKey: ["project", projectId, "annotations"] })}
              >
                “{set.name}” and everything that readers said by it will be deleted permanently. Datasets made of it are
                kept.
              </ConfirmButton>
            </Group>
          )}
        </Group>
        <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {set.task === "single_label" ? "One label" : "Several labels"} per ECG:{" "}
          {set.labels.map(({ name }) => name).join(", ")}
        </Text>
        <Progress value={share} aria-label={`${n_read} of ${n_recordings} ECGs read`} />
        <Text size="sm">
          {n_read.toLocaleString(region())} of {count(n_recordings, "ECG")} read
          {several && `, ${n_read_twice.toLocaleString(region())} by more than one reader`}
          {n_disagreements > 0 && ` · ${count(n_disagreements, "disagreement")} to be decided`}
          {n_adjudicated > 0 && ` · ${n_adjudicated.toLocaleString(region())} decided`}
        </Text>
        <Group gap="xs">
          <ButtonLink to={`${base}/read`} size="sm" variant={n_left > 0 ? "filled" : "default"}>
            Read ECGs
          </ButtonLink>
          {isTrainer && several && (
            <ButtonLink to={`${base}/readers`} size="sm" variant="default">
              Disagreements and agreement
            </ButtonLink>
          )}
          {isTrainer && (
            <>
              <Freeze projectId={projectId} set={set} />
              <DownloadLink href={annotationsCsvPath(projectId, set.id, false)} size="sm">
                CSV
              </DownloadLink>
              <DownloadLink href={annotationsCsvPath(projectId, set.id, true)} size="sm">
                CSV, each reading
              </DownloadLink>
            </>
          )}
        </Group>
      </Stack>
    </Paper>
  );
}
