import { Group, Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { deleteDataset } from "@/api/datasets";
import type { Dataset } from "@/api/types";
import { ButtonLink } from "@/components/ButtonLink";
import { ConfirmButton } from "@/components/ConfirmButton";
import { NamesList } from "@/components/NamesList";
import { Notes } from "@/components/Note";
import { region } from "@/language/language";
import { count, dateTime } from "@/lib/format";
import { inWords } from "./choice";
import { LabelCounts } from "./LabelCounts";
import { ValueDistribution } from "./ValueDistribution";

const TASKS: Record<Dataset["task"], string> = {
  single_label: "one label per recording",
  multi_label: "several labels per recording",
  regression: "values to be estimated (regression)",
};

/** Where the labels come from: a table, the ECG files, or readers on the page. */
function originOf({ file_name, in_files, label_set }: Dataset): string {
  if (label_set) return `given on the page (${label_set.name}, version ${label_set.version})`;
  return file_name || `from the ECG files (${in_files.join(", ")})`;
}

/** One label table: how it fits the recordings, and how often each label occurs, or how its values lie. */
export function DatasetCard({ projectId, dataset }: { projectId: string; dataset: Dataset }) {
  const queries = useQueryClient();
  const noun = dataset.task === "regression" ? "value" : "label";
  const parts = Object.entries(dataset.parts);
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
            {dataset.choice && (
              <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
                Read as: {inWords(dataset.choice)}
              </Text>
            )}
          </div>
          <Group gap={4} wrap="nowrap">
            <ButtonLink to={`tables/${dataset.id}`} variant="default" size="xs">
              Statistics
            </ButtonLink>
            <ConfirmButton
              iconOnly
              label={`Delete ${dataset.name}`}
              question="Delete this label table?"
              confirm="Delete labels"
              onConfirm={() => deleteDataset(projectId, dataset.id)}
              onDone={() => queries.invalidateQueries({ queryKey: ["project", projectId] })}
            >
              “{dataset.name}” will be deleted permanently. Recordings and models are kept.
            </ConfirmButton>
          </Group>
        </Group>
        <SimpleGrid cols={{ base: 2, sm: 4 }}>
          <Figure value={dataset.n_matched} text={`of ${count(dataset.n_rows, "row")} matched to a recording`} />
          <Figure value={dataset.n_unmatched} text="rows without a recording" />
          <Figure value={dataset.n_unlabelled} text={`recordings without a ${noun}`} />
          <Figure value={dataset.n_patients} text="patients" />
        </SimpleGrid>
        {dataset.n_partial > 0 && (
          <Text size="sm">
            {count(dataset.n_partial, "recording")} of these {dataset.n_partial === 1 ? "lacks" : "lack"} leads and{" "}
            {dataset.n_partial === 1 ? "is" : "are"} left out of training.
          </Text>
        )}
        <Notes notes={dataset.notes} title="Please check" />
        {dataset.task === "regression" ? <ValueDistribution dataset={dataset} /> : <LabelCounts dataset={dataset} />}
        {parts.length > 0 && (
          <Text size="sm">
            Column “{dataset.split_column}”:{" "}
            {parts.map(([part, n]) => `${part} (${n.toLocaleString(region())})`).join(", ")}
          </Text>
        )}
        <div>
          <NamesList
            title="Rows without a recording"
            names={dataset.unmatched}
            total={dataset.n_unmatched}
            fileName="rows-without-recording.txt"
          />
          <NamesList
            title={`Recordings without a ${noun}`}
            names={dataset.unlabelled}
            total={dataset.n_unlabelled}
            fileName={`recordings-without-${noun}.txt`}
          />
        </div>
      </Stack>
    </Paper>
  );
}

function Figure({ value, text }: { value: number; text: string }) {
  return (
    <div>
      <Text fz={26} fw={650} lh={1.1} className="numbers">
        {value.toLocaleString(region())}
      </Text>
      <Text size="sm" c="dimmed">
        {text}
      </Text>
    </div>
  );
}
