import { List, Select, Stack, Text } from "@mantine/core";
import type { System } from "@/api/types";
import { Facts } from "@/components/Facts";
import { type Preprocessing, preprocessingFacts } from "@/lib/preprocessing";
import { PRESET_WORDS } from "./settings";

type Presets = System["presets"];
type Props = {
  presets: Presets;
  /** What the network gets where nobody says otherwise. */
  usual: Preprocessing | undefined;
  /** The preset chosen instead; null for the usual. */
  value: string | null;
  onChange: (name: string | null) => void;
};

/** What is done to each recording before the network sees it, step by step in plain words. */
export function PreprocessingChoice({ presets, usual, value, onChange }: Props) {
  const usualName = String(usual?.preset ?? "clinical");
  const name = value ?? usualName;
  // A network that needs something of its own is offered nothing else.
  if (usual && !presets.some((preset) => preset.name === usualName)) {
    return <FixedPreprocessing presets={presets} value={usual} why="This network needs its own." />;
  }
  return (
    <Stack gap={6}>
      <Select
        label="Preprocessing"
        description="What is done to each recording before the network sees it. It becomes part of the model."
        data={presets.map((preset) => ({ value: preset.name, label: PRESET_WORDS[preset.name] ?? preset.name }))}
        value={name}
        allowDeselect={false}
        onChange={(next) => next && onChange(next === usualName ? null : next)}
      />
      <Steps presets={presets} name={name} />
    </Stack>
  );
}

/** A preprocessing that is not to be chosen. */
export function FixedPreprocessing({ presets, value, why }: { presets: Presets; value: Preprocessing; why: string }) {
  const name = String(value.preset ?? "custom");
  const known = presets.some((preset) => preset.name === name);
  return (
    <Stack gap={6} role="group" aria-label="Preprocessing">
      <Text size="sm" fw={600}>
        Preprocessing
      </Text>
      <Text size="sm" c="dimmed">
        {why}
        {known && ` It is “${name}”.`}
      </Text>
      {known ? <Steps presets={presets} name={name} /> : <Facts facts={preprocessingFacts(value)} />}
    </Stack>
  );
}

function Steps({ presets, name }: { presets: Presets; name: string }) {
  const chosen = presets.find((preset) => preset.name === name);
  if (!chosen) return null;
  return (
    <details>
      <summary>
        <Text span size="sm">
          What “{name}” does, step by step
        </Text>
      </summary>
      <List type="ordered" size="sm" spacing={4} mt={6}>
        {chosen.steps.map((line) => (
          <List.Item key={line}>{line}</List.Item>
        ))}
      </List>
    </details>
  );
}
