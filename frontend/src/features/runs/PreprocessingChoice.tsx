import { List, Select, Stack, Text } from "@mantine/core";
import type { System } from "@/api/types";
import { PRESET_WORDS } from "./settings";

type Props = { presets: System["presets"]; value: string; onChange: (name: string) => void };

/** What is done to each recording before the network sees it, step by step in plain words. */
export function PreprocessingChoice({ presets, value, onChange }: Props) {
  const chosen = presets.find(({ name }) => name === value);
  return (
    <Stack gap={6}>
      <Select
        label="Preprocessing"
        description="What is done to each recording before the network sees it. It becomes part of the model."
        data={presets.map(({ name }) => ({ value: name, label: PRESET_WORDS[name] ?? name }))}
        value={value}
        allowDeselect={false}
        onChange={(name) => name && onChange(name)}
      />
      {chosen && (
        <details>
          <summary>
            <Text span size="sm">
              What “{chosen.name}” does, step by step
            </Text>
          </summary>
          <List type="ordered" size="sm" spacing={4} mt={6}>
            {chosen.steps.map((line) => (
              <List.Item key={line}>{line}</List.Item>
            ))}
          </List>
        </details>
      )}
    </Stack>
  );
}
