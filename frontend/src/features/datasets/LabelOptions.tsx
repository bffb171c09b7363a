import { Group, NumberInput, Switch, Text, TextInput } from "@mantine/core";
import type { LabelChoice, LabelPreview } from "@/api/types";
import { Help } from "@/components/Help";

type Props = { preview: LabelPreview; choice: LabelChoice; onChange: (choice: LabelChoice) => void };

/** How the recordings are named, and how the cells of the chosen columns of labels are read. */
export function LabelOptions({ preview, choice, onChange }: Props) {
  const chosen = preview.columns.filter((column) => choice.labels.includes(column.name));
  const kinds = new Set(chosen.map((column) => column.kind));
  const hasCodes = choice.superclasses || preview.suggestions.some((one) => one.choice.superclasses);
  const set = (change: Partial<LabelChoice>) => onChange({ ...choice, ...change });
  return (
    <Group align="flex-start" gap="md">
      <TextInput
        label="Name of a recording"
        description="A column in braces; {ecg_id:05d} makes 00017 of 17."
        value={choice.recording.join(" ")}
        onChange={(event) => set({ recording: event.currentTarget.value ? [event.currentTarget.value] : [] })}
        style={{ flex: "1 1 260px" }}
      />
      {kinds.has("dictionary") && (
        <NumberInput
          label="Likelihood from"
          description="Codes below are left out."
          min={0}
          max={100}
          value={choice.threshold}
          onChange={(value) => set({ threshold: typeof value === "number" ? value : 0 })}
          style={{ flex: "0 1 170px" }}
        />
      )}
      {kinds.has("text") && (
        <TextInput
          label="Marks between labels"
          description="Within one cell."
          value={choice.separators}
          onChange={(event) => set({ separators: event.currentTarget.value })}
          style={{ flex: "0 1 170px" }}
        />
      )}
      {hasCodes && choice.labels.length > 0 && (
        <Group gap={6} pt={26} wrap="nowrap">
          <Switch
            label="Diagnostic superclasses"
            checked={choice.superclasses}
            onChange={(event) => set({ superclasses: event.currentTarget.checked })}
          />
          <Help about="a diagnostic superclass">
            <Text size="sm">
              SCP codes become NORM (normal), MI (myocardial infarction), STTC (ST/T change), CD (conduction
              disturbance) and HYP (hypertrophy), as PTB-XL has them. Codes of rhythm and form have none.
            </Text>
          </Help>
        </Group>
      )}
    </Group>
  );
}
