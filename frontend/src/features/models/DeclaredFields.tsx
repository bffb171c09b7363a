import { NumberInput, Select, SimpleGrid, Stack, Textarea, TextInput } from "@mantine/core";
import type { System } from "@/api/types";
import { NetworkOptions } from "@/components/NetworkOptions";
import { type Declared, type FileKind, needsUnit, ofNetwork } from "./declared";

const TASKS = [
  { value: "single_label", label: "One label for each ECG" },
  { value: "multi_label", label: "Any number of labels for each ECG" },
  { value: "regression", label: "Values, such as an age" },
];
const UNITS = [
  { value: "1", label: "mV" },
  { value: "1000", label: "µV" },
];

type Props = {
  kind: FileKind;
  value: Declared;
  system: System;
  onChange: (change: Partial<Declared>) => void;
};

/** What the file of a model does not say, for whoever sent it to say. */
export function DeclaredFields({ kind, value, system, onChange }: Props) {
  const network = kind === "weights" && system.architectures.find(({ name }) => name === value.architecture);
  return (
    <Stack gap="sm" role="group" aria-label="About the model">
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Textarea
          label={value.task === "regression" ? "Values" : "Labels"}
          description="One a line, in the order of the network’s outputs."
          rows={4}
          value={value.labels}
          onChange={(event) => onChange({ labels: event.currentTarget.value })}
        />
        <Stack gap="sm">
          <Select
            label="What it tells"
            data={TASKS}
            value={value.task}
            allowDeselect={false}
            onChange={(task) => task && onChange({ task })}
          />
          {kind === "weights" && (
            <Select
              label="Architecture"
              description="The network that the weights are of."
              data={system.architectures.map(({ name, title }) => ({ value: name, label: title }))}
              value={value.architecture}
              allowDeselect={false}
              onChange={(architecture) => architecture && onChange(ofNetwork(system, architecture))}
            />
          )}
        </Stack>
      </SimpleGrid>
      {network && network.options.length > 0 && (
        <details>
          <summary>Options of {network.title}, where they are not as usual</summary>
          <SimpleGrid cols={{ base: 1, sm: 3 }} mt="xs">
            <NetworkOptions network={network} value={value.options} onChange={(options) => onChange({ options })} />
          </SimpleGrid>
        </details>
      )}
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        <Select
          label="Preprocessing"
          description="As in its training."
          data={system.presets.map(({ name }) => name)}
          value={value.preset}
          allowDeselect={false}
          onChange={(preset) => preset && onChange({ preset })}
        />
        <NumberInput
          label="Sampling rate"
          description="That the network wants, in Hz."
          min={1}
          max={10_000}
          suffix=" Hz"
          value={value.rate ?? ""}
          onChange={(rate) => onChange({ rate: typeof rate === "number" ? rate : null })}
        />
        {needsUnit(system, value.preset) && (
          <Select
            label="Unit of the signal"
            description="That the network wants."
            data={UNITS}
            value={value.unitsPerMv}
            allowDeselect={false}
            onChange={(unitsPerMv) => unitsPerMv && onChange({ unitsPerMv })}
          />
        )}
      </SimpleGrid>
      <TextInput
        label="Licence (optional)"
        maxLength={10_000}
        value={value.licence}
        onChange={(event) => onChange({ licence: event.currentTarget.value })}
      />
    </Stack>
  );
}
