import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { NumberInput, Select, SimpleGrid, Stack, Textarea, TextInput } from "@mantine/core";
import type { System } from "@/api/types";
import { ArchitectureOptions } from "@/components/ArchitectureOptions";
import { type Declaration, defaultsOf, type FileKind, needsUnit } from "./declaration";

const TASKS = [
  { value: "single_label", label: t`One label per ECG` },
  { value: "multi_label", label: t`Any number of labels per ECG` },
  { value: "regression", label: t`Values, such as an age` },
];
const UNITS = [
  // Not translated: a unit
  { value: "1", label: "mV" },
  // Not translated: a unit
  { value: "1000", label: "µV" },
];

type Props = {
  kind: FileKind;
  value: Declaration;
  system: System;
  onChange: (change: Partial<Declaration>) => void;
};

/** What the file of a model does not say, for whoever sent it to say. */
export function DeclaredFields({ kind, value, system, onChange }: Props) {
  const architecture = kind === "weights" && system.architectures.find(({ name }) => name === value.architecture);
  const title = architecture ? architecture.title : "";
  return (
    <Stack gap="sm" role="group" aria-label={t`About the model`}>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Textarea
          label={value.task === "regression" ? t`Values` : t`Labels`}
          description={t`One per line, in the order of the model’s outputs.`}
          rows={4}
          value={value.labels}
          onChange={(event) => onChange({ labels: event.currentTarget.value })}
        />
        <Stack gap="sm">
          <Select
            label={t`Type of output`}
            data={TASKS}
            value={value.task}
            allowDeselect={false}
            onChange={(task) => task && onChange({ task })}
          />
          {kind === "weights" && (
            <Select
              label={t`Architecture`}
              description={t`The architecture these weights belong to.`}
              data={system.architectures.map(({ name, title }) => ({ value: name, label: title }))}
              value={value.architecture}
              allowDeselect={false}
              onChange={(architecture) => architecture && onChange(defaultsOf(system, architecture))}
            />
          )}
        </Stack>
      </SimpleGrid>
      {architecture && architecture.options.length > 0 && (
        <details>
          <summary>
            <Trans>Options of {title} that differ from the default</Trans>
          </summary>
          <SimpleGrid cols={{ base: 1, sm: 3 }} mt="xs">
            <ArchitectureOptions
              architecture={architecture}
              value={value.options}
              onChange={(options) => onChange({ options })}
            />
          </SimpleGrid>
        </details>
      )}
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        <Select
          label={t`Preprocessing`}
          description={t`The one the model was trained with.`}
          data={system.presets.map(({ name }) => name)}
          value={value.preset}
          allowDeselect={false}
          onChange={(preset) => preset && onChange({ preset })}
        />
        <NumberInput
          label={t`Sampling rate`}
          description={t`The rate the model expects, in Hz.`}
          min={1}
          max={10_000}
          suffix=" Hz"
          value={value.rate ?? ""}
          onChange={(rate) => onChange({ rate: typeof rate === "number" ? rate : null })}
        />
        {needsUnit(system, value.preset) && (
          <Select
            label={t`Unit of the signal`}
            description={t`The unit the model expects.`}
            data={UNITS}
            value={value.unitsPerMv}
            allowDeselect={false}
            onChange={(unitsPerMv) => unitsPerMv && onChange({ unitsPerMv })}
          />
        )}
      </SimpleGrid>
      <TextInput
        label={t`Licence (optional)`}
        maxLength={10_000}
        value={value.licence}
        onChange={(event) => onChange({ licence: event.currentTarget.value })}
      />
    </Stack>
  );
}
