import { Radio, Select, SimpleGrid, Stack, Text } from "@mantine/core";
import type { Dataset } from "@/api/types";
import type { RunForm } from "./form";

type Props = { dataset: Dataset | undefined; form: RunForm; onChange: (change: Partial<RunForm>) => void };

/** Which recordings are trained on, which validate, and which test. */
export function SplitChoice({ dataset, form, onChange }: Props) {
  const folds = foldsOf(dataset);
  const column = dataset?.split_column;
  return (
    <Stack gap="xs">
      <Radio.Group
        label="Training and test recordings"
        description="The test recordings are kept back until the end, so that the result is honest; those for validation show how the training gets on. All recordings of a patient stay together."
        value={form.splitKind}
        onChange={(kind) => onChange({ splitKind: kind as RunForm["splitKind"] })}
      >
        <Stack gap={6} mt="xs">
          <Radio value="random" label="By chance: 70 % to train, 10 % to validate, 20 % to test" />
          <Radio
            value="column"
            disabled={!column}
            label={column ? `As the table’s column “${column}” says` : "As a column of the table says (it has none)"}
          />
        </Stack>
      </Radio.Group>
      {form.splitKind === "column" && column === "split" && dataset && (
        <Text size="sm" c="dimmed">
          {Object.entries(dataset.parts)
            .map(([part, n]) => `${part}: ${n.toLocaleString("en")}`)
            .join(", ")}
        </Text>
      )}
      {form.splitKind === "column" && folds.length > 0 && (
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <FoldSelect
            label="Fold to test on"
            usual={`the highest (${folds.at(-1)})`}
            folds={folds}
            value={form.testFold}
            onChange={(testFold) => onChange({ testFold })}
          />
          <FoldSelect
            label="Fold to validate on"
            usual="the next highest"
            folds={folds}
            value={form.validationFold}
            onChange={(validationFold) => onChange({ validationFold })}
          />
        </SimpleGrid>
      )}
    </Stack>
  );
}

/** The folds of the table as numbers, ascending; none where its column holds words. */
export function foldsOf(dataset: Dataset | undefined): number[] {
  if (dataset?.split_column !== "fold") return [];
  const folds = Object.keys(dataset.parts).map(Number);
  return folds.every(Number.isInteger) ? folds.sort((a, b) => a - b) : [];
}

type FoldProps = {
  label: string;
  usual: string;
  folds: readonly number[];
  value: number | null;
  onChange: (fold: number | null) => void;
};

function FoldSelect({ label, usual, folds, value, onChange }: FoldProps) {
  return (
    <Select
      label={label}
      placeholder={usual}
      data={folds.map(String)}
      value={value === null ? null : String(value)}
      clearable
      clearButtonProps={{ "aria-label": `${label}: back to usual` }}
      onChange={(fold) => onChange(fold === null ? null : Number(fold))}
    />
  );
}
