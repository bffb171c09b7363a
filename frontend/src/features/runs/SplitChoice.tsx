import { t } from "@lingui/core/macro";
import { Checkbox, NumberInput, Radio, Select, SimpleGrid, Stack, Text } from "@mantine/core";
import type { Dataset, HowTested } from "@/api/types";
import { FoldsBy } from "@/components/FoldsBy";
import { region } from "@/language/language";
import { percent } from "@/lib/format";
import type { RunForm, Testing } from "./form";

type Props = {
  projectId: string;
  dataset: Dataset | undefined;
  form: RunForm;
  /** How it would be tested as things stand, as the platform says. */
  how: HowTested | undefined;
  onChange: (change: Partial<RunForm>) => void;
};

/** How the model is tested: who is set aside, or that everybody is tested in turn. */
export function SplitChoice({ projectId, dataset, form, how, onChange }: Props) {
  const folds = foldsOf(dataset);
  const highest = folds.at(-1) ?? 0;
  const column = dataset?.split_column;
  return (
    <Stack gap="xs">
      <Radio.Group
        label={t`How the model is tested`}
        description={t`Results are unbiased only on recordings that the model has not learned from. All recordings of a patient stay together.`}
        value={form.testing}
        onChange={(testing) => onChange({ testing: testing as Testing })}
      >
        <Stack gap={6} mt="xs">
          <Radio value="auto" label={t`Chosen by the number of recordings`} />
          {form.testing === "auto" && how?.reason && (
            <Text size="sm" pl={30} role="status" aria-label={t`Why it is tested so`}>
              <Text span fw={600}>
                {how.method === "holdout" ? t`One test part.` : t`Cross-validation.`}
              </Text>{" "}
              {how.reason}
            </Text>
          )}
          <Radio value="holdout" label={sharesText(form.shares)} />
          <Radio
            value="cross_validation"
            label={t`Cross-validation: every recording is tested, by a model that has not seen its patient`}
          />
          <Radio
            value="column"
            disabled={!column}
            label={
              column
                ? t`As given in the table’s column “${column}”`
                : t`As given in a column of the table (this table has none)`
            }
          />
        </Stack>
      </Radio.Group>
      {form.testing === "cross_validation" && dataset && (
        <FoldsBy
          projectId={projectId}
          datasetId={dataset.id}
          value={form.foldsBy}
          onChange={(foldsBy) => onChange({ foldsBy })}
        />
      )}
      {form.testing === "cross_validation" && form.foldsBy === "patient" && (
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <WholeNumber
            label={t`Folds`}
            description={t`Parts, each of which is tested by a model that has learned from the others.`}
            placeholder={`${how?.folds || 5}`}
            value={form.folds}
            low={3}
            high={20}
            onChange={(folds) => onChange({ folds })}
          />
          <WholeNumber
            label={t`Repeats`}
            description={t`Times that the recordings are divided anew, to see how much chance decides.`}
            placeholder={`${how?.repeats || 1}`}
            value={form.repeats}
            low={1}
            high={100}
            onChange={(repeats) => onChange({ repeats })}
          />
        </SimpleGrid>
      )}
      {form.testing !== "column" && (
        <WholeNumber
          label={t`Seed of the split`}
          description={t`Another seed draws other parts. With the same one, each patient stays in the same test part, also with other labels or tables.`}
          placeholder="1"
          value={form.splitSeed}
          low={0}
          high={2 ** 32 - 1}
          onChange={(splitSeed) => onChange({ splitSeed })}
        />
      )}
      <Checkbox
        label={t`Identifiers that differ only in how they are written (P001, p-001) are of the same patient`}
        checked={form.sameSpellings}
        onChange={(event) => onChange({ sameSpellings: event.currentTarget.checked })}
      />
      {form.testing === "column" && column === "split" && dataset && (
        <Text size="sm" c="dimmed">
          {Object.entries(dataset.parts)
            .map(([part, n]) => `${part}: ${n.toLocaleString(region())}`)
            .join(", ")}
        </Text>
      )}
      {form.testing === "column" && folds.length > 0 && (
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <FoldSelect
            label={t`Test fold`}
            usual={t`the highest (${highest})`}
            folds={folds}
            value={form.testFold}
            onChange={(testFold) => onChange({ testFold })}
          />
          <FoldSelect
            label={t`Validation fold`}
            usual={t`the next highest`}
            folds={folds}
            value={form.validationFold}
            onChange={(validationFold) => onChange({ validationFold })}
          />
        </SimpleGrid>
      )}
    </Stack>
  );
}

/** The parts of a division with one test part; those an earlier training had are kept. */
function sharesText(shares: RunForm["shares"]): string {
  const train = percent(shares?.train ?? 0.7, 0);
  const validation = percent(shares?.validation ?? 0.1, 0);
  const test = percent(shares?.test ?? 0.2, 0);
  return t`One test part: ${train} training, ${validation} validation, ${test} test`;
}

/** The folds of the table as numbers, ascending; none where its column holds words. */
export function foldsOf(dataset: Dataset | undefined): number[] {
  if (dataset?.split_column !== "fold") return [];
  const folds = Object.keys(dataset.parts).map(Number);
  return folds.every(Number.isInteger) ? folds.sort((a, b) => a - b) : [];
}

type NumberProps = {
  label: string;
  description: string;
  placeholder: string;
  value: number | null;
  low: number;
  high: number;
  onChange: (value: number | null) => void;
};

function WholeNumber({ low, high, value, onChange, ...words }: NumberProps) {
  return (
    <NumberInput
      {...words}
      value={value ?? ""}
      min={low}
      max={high}
      allowDecimal={false}
      onChange={(next) => onChange(typeof next === "number" ? next : null)}
    />
  );
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
      clearButtonProps={{ "aria-label": t`${label}: back to default` }}
      onChange={(fold) => onChange(fold === null ? null : Number(fold))}
    />
  );
}
