import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { List, Select, Stack, Text } from "@mantine/core";
import type { System } from "@/api/types";
import { Facts } from "@/components/Facts";
import { type Preprocessing, preprocessingFacts } from "@/lib/preprocessing";
import { PRESET_TITLES } from "./settings";

// Not translated: a word of the API.
const CUSTOM = "custom";

type Presets = System["presets"];
type Props = {
  presets: Presets;
  /** The default of the architecture. */
  usual: Preprocessing | undefined;
  /** The preset chosen instead; null for the usual. */
  value: string | null;
  /** One that is no preset, kept from an earlier training. */
  custom: Preprocessing | null;
  onChange: (name: string | null) => void;
};

/** What is done to each recording before the model reads it, step by step. */
export function PreprocessingChoice({ presets, usual, value, custom, onChange }: Props) {
  const usualName = String(usual?.preset ?? "clinical");
  const name = custom ? CUSTOM : (value ?? usualName);
  // An architecture that needs a preprocessing of its own is offered no other.
  if (usual && !presets.some((preset) => preset.name === usualName)) {
    return (
      <FixedPreprocessing presets={presets} value={usual} why={t`This architecture requires its own preprocessing.`} />
    );
  }
  return (
    <Stack gap={6}>
      <Select
        label={t`Preprocessing`}
        description={t`Applied to each recording before the model reads it, and stored with the model.`}
        data={[
          ...presets.map((preset) => ({ value: preset.name, label: PRESET_TITLES[preset.name] ?? preset.name })),
          ...(custom ? [{ value: CUSTOM, label: t`As in the earlier training` }] : []),
        ]}
        value={name}
        allowDeselect={false}
        onChange={(next) => next && next !== CUSTOM && onChange(next === usualName ? null : next)}
      />
      {custom ? <Facts facts={preprocessingFacts(custom)} /> : <Steps presets={presets} name={name} />}
    </Stack>
  );
}

/** A preprocessing that is not to be chosen. */
export function FixedPreprocessing({ presets, value, why }: { presets: Presets; value: Preprocessing; why: string }) {
  const name = String(value.preset ?? "custom");
  const known = presets.some((preset) => preset.name === name);
  return (
    <Stack gap={6} role="group" aria-label={t`Preprocessing`}>
      <Text size="sm" fw={600}>
        <Trans>Preprocessing</Trans>
      </Text>
      <Text size="sm" c="dimmed">
        {why} {known && t`It is “${name}”.`}
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
          <Trans>Steps of “{name}”</Trans>
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
