import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { readRecordingQuery, revealRecording } from "@/api/annotations";
import type { LabelSet, Reading, ReadRecording } from "@/api/types";
import { ConfirmButton } from "@/components/ConfirmButton";
import { dateTime } from "@/lib/format";
import { Key } from "./LabelButtons";

type Props = {
  projectId: string;
  set: LabelSet;
  reader: string;
  seen: ReadRecording | undefined;
  onSuggestion: () => void;
};

/** What the device and other readers say of an ECG; in a blind set only when it was asked for. */
export function OthersSaid({ projectId, set, reader, seen, onSuggestion }: Props) {
  const queries = useQueryClient();
  if (!seen) return null;
  if (seen.hidden) {
    const key = readRecordingQuery(projectId, set.id, reader, seen.recording_id).queryKey;
    return (
      <ConfirmButton
        takes="reveal_recording"
        projectId={projectId}
        label={t`Show what others say`}
        question={t`Show what others say of this ECG?`}
        confirm={t`Show it`}
        size="sm"
        icon="info"
        onConfirm={async () => {
          queries.setQueryData(key, await revealRecording(projectId, set.id, reader, seen.recording_id));
        }}
      >
        <Trans>
          This label set is blind. What you change on this ECG afterwards is kept and marked as sighted, and does not
          count as agreement.
        </Trans>
      </ConfirmButton>
    );
  }
  const same = seen.suggestions.find((one) => one.label !== null);
  if (seen.suggestions.length + seen.others.length === 0 && !seen.adjudication) return null;
  return (
    <Stack gap={6}>
      {seen.suggestions.length > 0 && (
        <>
          <Text size="sm" fw={500}>
            <Trans>The device states</Trans>
          </Text>
          <Text size="sm">{seen.suggestions.map((one) => one.text).join(", ")}</Text>
          {same && (
            <Group>
              <Button size="compact-sm" variant="default" onClick={onSuggestion}>
                <Group gap={6}>
                  <Key name="s" /> {t`Take ${{ label: same.label ?? "" }}`}
                </Group>
              </Button>
            </Group>
          )}
        </>
      )}
      {(seen.others.length > 0 || seen.adjudication) && (
        <>
          <Text size="sm" fw={500}>
            <Trans>Other readers</Trans>
          </Text>
          {seen.others.map((one) => (
            <Said key={one.id} reading={one} />
          ))}
          {seen.adjudication && <Said reading={seen.adjudication} />}
        </>
      )}
    </Stack>
  );
}

/** What somebody said, with who and when. */
export function Said({ reading }: { reading: Reading }) {
  const { reader, role, labels, note, created_at, sighted } = reading;
  const what = labels.join(", ") || t`none of the labels`;
  const when = dateTime(created_at);
  return (
    <Text size="sm" component="div" style={{ overflowWrap: "anywhere" }}>
      {role === "adjudicator" ? (
        <Trans>
          <b>{reader}</b> adjudicated: {what}
        </Trans>
      ) : (
        <>
          <b>{reader}</b>: {what}
        </>
      )}
      {note && ` – ${t`“${note}”`}`}
      <Text size="xs" c="dimmed" span>
        {" "}
        {sighted ? t`${when}, sighted` : when}
      </Text>
    </Text>
  );
}
