import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ActionIcon, Box, Button, Group, Paper, Stack, Text, Title, VisuallyHidden } from "@mantine/core";
import type { ReactNode, RefObject } from "react";
import type { LabelSet, Region } from "@/api/types";
import { Icon } from "@/components/icons";
import classes from "./annotations.module.css";
import { Key, LabelButtons } from "./LabelButtons";
import { NoteField } from "./NoteField";
import { OthersSaid } from "./OthersSaid";
import { regionText } from "./regions";
import { SavingNote } from "./SavingNote";
import type { Labelling } from "./useLabelling";

type Props = {
  projectId: string;
  set: LabelSet;
  reader: string;
  labelling: Labelling;
  noteField: RefObject<HTMLTextAreaElement | null>;
  onMark: () => void;
  /** The form of the region that is being marked. */
  marking: ReactNode;
  onSuggestion: () => void;
};

/** What one says of the ECG: labels, note, regions; whether it is kept; and what others and the device say. */
export function ReadPanel({ projectId, set, reader, labelling, noteField, onMark, marking, onSuggestion }: Props) {
  const { hand, ready, change } = labelling;
  const { labels, done, note, regions } = hand.content;
  return (
    <Paper withBorder p="md" component="section" aria-label={t`Your reading`} aria-busy={!ready}>
      <Stack gap="sm">
        <Group justify="space-between" wrap="nowrap">
          <Title order={2} size="h4">
            <Trans>Your reading</Trans>
          </Title>
          <SavingState labels={labels} done={done} several={set.task === "multi_label"} />
        </Group>
        <Box className={classes["within-reach"]}>
          <LabelButtons set={set} chosen={labels} disabled={!ready} onLabel={labelling.label} />
          <Group gap="xs" mt="xs">
            {set.task === "multi_label" && (
              <Button size="sm" disabled={!ready} onClick={labelling.finish} leftSection={<Key name="Enter" />}>
                {labels.length === 0 ? t`None of them` : t`These are all`}
              </Button>
            )}
            <Button
              size="sm"
              variant="default"
              disabled={!labelling.canUndo}
              onClick={labelling.undo}
              leftSection={<Key name="u" />}
            >
              <Trans>Undo</Trans>
            </Button>
            <Button
              size="sm"
              variant="default"
              disabled={!labelling.recordingId}
              onClick={labelling.next}
              leftSection={<Key name="→" />}
            >
              {done ? t`Next` : t`Skip`}
            </Button>
          </Group>
        </Box>
        <VisuallyHidden role="status" aria-label={t`Last step`}>
          {labelling.told}
        </VisuallyHidden>
        <SavingNote />
        <NoteField
          key={labelling.recordingId}
          note={note}
          disabled={!ready}
          field={noteField}
          onNote={(text) => change({ note: text })}
        />
        <Stack gap={6}>
          <Group justify="space-between">
            <Text size="sm" fw={500}>
              <Trans>Regions of the tracing</Trans>
            </Text>
            {!marking && (
              <Button size="compact-sm" variant="default" disabled={!ready} onClick={onMark}>
                <Group gap={6}>
                  <Key name="r" /> {t`Mark a region`}
                </Group>
              </Button>
            )}
          </Group>
          {marking}
          <RegionList regions={regions} onChange={(next) => change({ regions: next })} />
        </Stack>
        <OthersSaid projectId={projectId} set={set} reader={reader} seen={hand.seen} onSuggestion={onSuggestion} />
      </Stack>
    </Paper>
  );
}

function SavingState({ labels, done, several }: { labels: readonly string[]; done: boolean; several: boolean }) {
  const text = done
    ? labels.length > 0
      ? t({ message: "read", context: "ECG" })
      : t`read: none of the labels`
    : several && labels.length > 0
      ? t`not finished: Enter`
      : t({ message: "not read yet", context: "ECG" });
  return (
    <Text size="sm" c="dimmed">
      {text}
    </Text>
  );
}

function RegionList({ regions, onChange }: { regions: Region[]; onChange: (regions: Region[]) => void }) {
  if (regions.length === 0) return null;
  return (
    <Stack component="ul" gap={2} p={0} m={0} style={{ listStyle: "none" }} aria-label={t`Marked regions`}>
      {regions.map((region) => (
        <Group component="li" key={regionText(region)} justify="space-between" wrap="nowrap" gap="xs">
          <Text size="sm">{regionText(region)}</Text>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t`Remove ${{ region: regionText(region) }}`}
            onClick={() => onChange(regions.filter((one) => one !== region))}
          >
            <Icon name="cross" size={16} />
          </ActionIcon>
        </Group>
      ))}
    </Stack>
  );
}
