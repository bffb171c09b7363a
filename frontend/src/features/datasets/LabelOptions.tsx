import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Group, NumberInput, Switch, Text, TextInput } from "@mantine/core";
import type { LabelChoice, LabelPreview } from "@/api/types";
import { Help } from "@/components/Help";

type Props = { preview: LabelPreview; choice: LabelChoice; onChange: (choice: LabelChoice) => void };

/** How the recordings are named, and how the cells of the chosen columns of labels are read. */
export function LabelOptions({ preview, choice, onChange }: Props) {
  const chosen = preview.columns.filter((column) => choice.labels.includes(column.name));
  const kinds = new Set(chosen.map((column) => column.kind));
  const hasCodes = choice.superclasses || preview.suggestions.some((one) => one.choice.superclasses);
  const example = "{ecg_id:05d}";
  const set = (change: Partial<LabelChoice>) => onChange({ ...choice, ...change });
  return (
    <Group align="flex-start" gap="md">
      <TextInput
        label={t`Name of a recording`}
        description={t`A column in braces; ${example} makes 00017 of 17.`}
        value={choice.recording.join(" ")}
        onChange={(event) => set({ recording: event.currentTarget.value ? [event.currentTarget.value] : [] })}
        style={{ flex: "1 1 260px" }}
      />
      {kinds.has("dictionary") && (
        <NumberInput
          label={t`Likelihood from`}
          description={t`Codes below are left out.`}
          min={0}
          max={100}
          value={choice.threshold}
          onChange={(value) => set({ threshold: typeof value === "number" ? value : 0 })}
          style={{ flex: "0 1 170px" }}
        />
      )}
      {kinds.has("text") && (
        <TextInput
          label={t`Marks between labels`}
          description={t`Within one cell.`}
          value={choice.separators}
          onChange={(event) => set({ separators: event.currentTarget.value })}
          style={{ flex: "0 1 170px" }}
        />
      )}
      {hasCodes && choice.labels.length > 0 && (
        <Group gap={6} pt={26} wrap="nowrap">
          <Switch
            label={t`Diagnostic superclasses`}
            checked={choice.superclasses}
            onChange={(event) => set({ superclasses: event.currentTarget.checked })}
          />
          <Help about={t`a diagnostic superclass`}>
            <Text size="sm">
              <Trans>
                SCP codes become NORM (normal), MI (myocardial infarction), STTC (ST/T change), CD (conduction
                disturbance) and HYP (hypertrophy), as PTB-XL has them. Codes of rhythm and form have none.
              </Trans>
            </Text>
          </Help>
        </Group>
      )}
    </Group>
  );
}
