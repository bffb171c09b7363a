import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Paper, Progress, Stack, Text } from "@mantine/core";
import { Icon } from "@/components/icons";
import type { FileStatus } from "@/components/outcomes";
import { region } from "@/language/language";
import { bytes, percent, timeLeft } from "@/lib/format";
import type { UploadState } from "./uploader";

type Props = { state: UploadState; onCancel: () => void; onRetry: () => void; onDismiss: () => void };

const TEXTS: [FileStatus, (n: number) => string][] = [
  ["imported", (n) => plural(n, { one: "# imported", other: "# imported" })],
  ["updated", (n) => plural(n, { one: "# updated", other: "# updated" })],
  ["duplicate", (n) => plural(n, { one: "# duplicate", other: "# duplicate" })],
  ["refused", (n) => plural(n, { one: "# refused", other: "# refused" })],
  ["failed", (n) => plural(n, { one: "# not uploaded", other: "# not uploaded" })],
];

/** How far the upload is as a whole, and how it ended. */
export function UploadProgress({ state, onCancel, onRetry, onDismiss }: Props) {
  const tally = new Map<FileStatus, number>();
  for (const { status } of state.outcomes) tally.set(status, (tally.get(status) ?? 0) + 1);
  const failed = tally.get("failed") ?? 0;
  const fraction = state.bytes > 0 ? state.doneBytes / state.bytes : state.doneFiles / Math.max(1, state.files);
  const spent = ((state.endedAt ?? Date.now()) - state.startedAt) / 1000;
  const speed = spent > 0.5 ? state.doneBytes / spent : 0;
  const summary = TEXTS.filter(([status]) => tally.has(status)).map(([status, words]) => words(tally.get(status) ?? 0));
  const title = state.running ? t`Uploading` : state.cancelled ? t`Upload cancelled` : t`Upload finished`;
  return (
    <Paper withBorder p="md">
      <Stack gap="xs">
        <Group justify="space-between">
          <Text fw={600} role="status">
            {title}
            {summary.length > 0 && `: ${summary.join(", ")}`}
          </Text>
          <Group gap="xs">
            {failed > 0 && (
              <Button size="xs" leftSection={<Icon name="again" size={14} />} onClick={onRetry}>
                <Trans>Try again</Trans>
              </Button>
            )}
            {state.running ? (
              <Button size="xs" variant="default" leftSection={<Icon name="stop" size={14} />} onClick={onCancel}>
                <Trans>Cancel</Trans>
              </Button>
            ) : (
              <Button size="xs" variant="default" onClick={onDismiss}>
                <Trans>Dismiss</Trans>
              </Button>
            )}
          </Group>
        </Group>
        {state.running && (
          <>
            <Progress.Root size="lg">
              <Progress.Section value={100 * fraction} color="clinic" aria-label={t`Progress of the upload`} />
            </Progress.Root>
            <Text size="sm" c="dimmed">
              {progressWords(state)} · {percent(fraction)}
              {speed > 0 && ` · ${bytes(speed)}/s · ${timeLeft((state.bytes - state.doneBytes) / speed)}`}
            </Text>
          </>
        )}
      </Stack>
    </Paper>
  );
}

function progressWords(state: UploadState): string {
  const done = state.doneFiles.toLocaleString(region());
  const files = plural({ all: state.files }, { one: `${done} of # file`, other: `${done} of # files` });
  return [files, t`${{ sent: bytes(state.doneBytes) }} of ${{ size: bytes(state.bytes) }}`].join(" · ");
}
