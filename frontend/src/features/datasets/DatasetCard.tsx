import { plural, t } from "@lingui/core/macro";
import { Plural, Trans } from "@lingui/react/macro";
import { Group, Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import type { Dataset } from "@/api/types";
import { ButtonLink } from "@/components/ButtonLink";
import { NamesList } from "@/components/NamesList";
import { Notes } from "@/components/Note";
import { RemoveButton } from "@/components/RemoveButton";
import { region } from "@/language/language";
import { dateTime } from "@/lib/format";
import { inWords } from "./choice";
import { LabelCounts } from "./LabelCounts";
import { ValueDistribution } from "./ValueDistribution";

const TASKS: Record<Dataset["task"], string> = {
  single_label: t`one label per recording`,
  multi_label: t`several labels per recording`,
  regression: t`values to be estimated (regression)`,
};

/** Where the labels come from: a table, the ECG files, or readers on the page. */
function originOf({ file_name, in_files, label_set }: Dataset): string {
  if (label_set) {
    const { name, version } = label_set;
    return t`given on the page (${name}, version ${version})`;
  }
  return file_name || t`from the ECG files (${{ sources: in_files.join(", ") }})`;
}

/** One label table: how it fits the recordings, and how often each label occurs, or how its values lie. */
export function DatasetCard({ projectId, dataset }: { projectId: string; dataset: Dataset }) {
  const isRegression = dataset.task === "regression";
  const { name, split_column } = dataset;
  const how = dataset.choice && inWords(dataset.choice);
  const parts = Object.entries(dataset.parts)
    .map(([part, n]) => `${part} (${n.toLocaleString(region())})`)
    .join(", ");
  return (
    <Paper withBorder p="md" component="article" aria-label={dataset.name}>
      <Stack gap="md">
        <Group justify="space-between" align="flex-start" wrap="nowrap">
          <div>
            <Title order={2} size="h4" style={{ overflowWrap: "anywhere" }}>
              {dataset.name}
            </Title>
            <Text size="sm" c="dimmed">
              {originOf(dataset)} · {TASKS[dataset.task]} · {dateTime(dataset.created_at)}
            </Text>
            {how && (
              <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
                <Trans>Read as: {how}</Trans>
              </Text>
            )}
          </div>
          <Group gap={4} wrap="nowrap">
            <ButtonLink to={`tables/${dataset.id}`} variant="default" size="xs">
              <Trans>Statistics</Trans>
            </ButtonLink>
            <RemoveButton
              thing={{ kind: "dataset", projectId, id: dataset.id, name }}
              iconOnly
              label={t`Delete ${name}`}
            />
          </Group>
        </Group>
        <SimpleGrid cols={{ base: 2, sm: 4 }}>
          <Figure
            value={dataset.n_matched}
            text={plural(dataset.n_rows, {
              one: "of # row matched to a recording",
              other: "of # rows matched to a recording",
            })}
          />
          <Figure value={dataset.n_unmatched} text={t`rows without a recording`} />
          <Figure
            value={dataset.n_unlabelled}
            text={isRegression ? t`recordings without a value` : t`recordings without a label`}
          />
          <Figure
            value={dataset.n_patients || null}
            text={dataset.n_patients > 0 ? t`patients` : t`no patients are named`}
          />
        </SimpleGrid>
        {dataset.n_partial > 0 && (
          <Text size="sm">
            <Plural
              value={dataset.n_partial}
              one="# recording of these lacks leads and is left out of training."
              other="# recordings of these lack leads and are left out of training."
            />
          </Text>
        )}
        <Notes notes={dataset.notes} title={t`Please check`} />
        {isRegression ? <ValueDistribution dataset={dataset} /> : <LabelCounts dataset={dataset} />}
        {parts && (
          <Text size="sm">
            <Trans>
              Column “{split_column}”: {parts}
            </Trans>
          </Text>
        )}
        <div>
          <NamesList
            title={t`Rows without a recording`}
            names={dataset.unmatched}
            total={dataset.n_unmatched}
            fileName="rows-without-recording.txt"
          />
          <NamesList
            title={isRegression ? t`Recordings without a value` : t`Recordings without a label`}
            names={dataset.unlabelled}
            total={dataset.n_unlabelled}
            fileName={`recordings-without-${isRegression ? "value" : "label"}.txt`}
          />
        </div>
      </Stack>
    </Paper>
  );
}

function Figure({ value, text }: { value: number | null; text: string }) {
  return (
    <div>
      <Text fz={26} fw={650} lh={1.1} className="numbers">
        {value?.toLocaleString(region()) ?? "–"}
      </Text>
      <Text size="sm" c="dimmed">
        {text}
      </Text>
    </div>
  );
}
