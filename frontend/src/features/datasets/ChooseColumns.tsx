import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Box, Button, Group, LoadingOverlay, Stack, Text } from "@mantine/core";
import type { LabelChoice, LabelPreview } from "@/api/types";
import { Note, Notes, Problem } from "@/components/Note";
import { Section } from "@/components/Page";
import { ColumnRoles } from "./ColumnRoles";
import { LabelOptions } from "./LabelOptions";
import { UnderstoodRows } from "./UnderstoodRows";

type Props = {
  preview: LabelPreview;
  /** What the person chose; null as long as the likeliest choice stands. */
  asked: LabelChoice | null;
  onAsk: (choice: LabelChoice) => void;
  busy: boolean;
};

const EMPTY: LabelChoice = {
  recording: [],
  labels: [],
  values: [],
  patient: null,
  split: null,
  fold: null,
  code: null,
  sex: null,
  age: null,
  threshold: 0,
  superclasses: false,
  separators: ";|",
};

/** A table of labels before it is attached: what its columns mean, and how its rows would be understood. */
export function ChooseColumns({ preview, asked, onAsk, busy }: Props) {
  const choice = asked ?? preview.choice ?? EMPTY;
  const isWhole = choice.recording.length > 0 && choice.labels.length + choice.values.length > 0;
  const isSame = (one: LabelChoice) => JSON.stringify(one) === JSON.stringify(choice);
  return (
    <Stack gap="lg">
      <Notes notes={preview.notes} tone="info" />
      {preview.question && (
        <Note tone="warn" title={t`Please choose`} alert>
          {preview.question}
        </Note>
      )}
      {preview.suggestions.length > 1 && (
        <Section title={t`Likely choices`}>
          <Group gap="xs">
            {preview.suggestions.map((one) => (
              <Button
                key={one.title}
                size="sm"
                variant={asked !== null && isSame(one.choice) ? "light" : "default"}
                aria-pressed={asked !== null && isSame(one.choice)}
                onClick={() => onAsk(one.choice)}
                h="auto"
                py={8}
                styles={{ label: { whiteSpace: "normal", textAlign: "left" } }}
              >
                {one.title}
              </Button>
            ))}
          </Group>
        </Section>
      )}
      <Section title={t`What the columns mean`}>
        <ColumnRoles preview={preview} choice={choice} onChange={onAsk} />
        <LabelOptions preview={preview} choice={choice} onChange={onAsk} />
      </Section>
      <Section title={t`How the rows are understood`}>
        <Box pos="relative" mih={80}>
          <LoadingOverlay visible={busy} zIndex={1} overlayProps={{ blur: 1 }} />
          {preview.problem && <Problem error={preview.problem} title={t`This choice cannot be used`} />}
          {preview.understood && isWhole ? (
            <UnderstoodRows preview={preview} />
          ) : (
            <Text size="sm" c="dimmed">
              <Trans>Choose what names the recordings, and which columns are labels or values.</Trans>
            </Text>
          )}
        </Box>
      </Section>
    </Stack>
  );
}
