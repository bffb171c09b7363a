import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Group, Stack, Text } from "@mantine/core";
import type { DeviceFacts, Recording } from "@/api/types";
import { Chip } from "@/components/Chip";
import { Facts } from "@/components/Facts";
import { Section } from "@/components/Page";
import { declaredText } from "@/lib/declared";
import { dateTime, hertz, plain, seconds } from "@/lib/format";
import { labelsOf } from "@/lib/labels";

/** What is known of a recording. */
export function RecordingFacts({ recording }: { recording: Recording }) {
  const labels = labelsOf(recording);
  return (
    <Section title={t`Details`}>
      <Stack gap="sm">
        {labels.length > 0 && (
          <Group gap={6}>
            <Text size="sm" c="dimmed">
              <Trans>Labels</Trans>
            </Text>
            {labels.map((label) => (
              <Chip key={label} tone="info">
                {label}
              </Chip>
            ))}
          </Group>
        )}
        <Facts
          facts={[
            [t`Duration`, seconds(recording.duration_s)],
            [t`Sampling rate`, hertz(recording.rate)],
            [t`Amplitudes`, recording.unit === "mV" ? t`in mV` : t`not calibrated`],
            [t`Format`, recording.format],
            [t`Known in its file as`, recording.record_id],
            [t`Labels in its file`, inFile(recording.file_labels)],
            [t`Patient`, recording.patient_id],
            [t`Age`, recording.age === null ? null : years(Math.round(recording.age))],
            [t`Sex`, recording.sex === "F" ? t`female` : recording.sex === "M" ? t`male` : null],
            [t`Device`, recording.device],
            [t`Recorded`, recording.recorded_at && dateTime(recording.recorded_at)],
            [t`Derived leads`, recording.derived_leads.join(", ")],
            [t`Missing leads`, recording.missing_leads.join(", ")],
            [t`Filtered by the device`, filters(recording.device_facts)],
            [t`Declared at upload`, declaredText(recording.declared)],
            [t`Uploaded`, dateTime(recording.created_at)],
          ]}
        />
        <DeviceReading facts={recording.device_facts} />
        {[...new Set(recording.notes)].map((note) => (
          <Text size="sm" key={note}>
            {note}
          </Text>
        ))}
      </Stack>
    </Section>
  );
}

const years = (n: number) => plural(n, { one: "# year", other: "# years" });

function inFile(labels: Recording["file_labels"] | undefined): string {
  return Object.entries(labels ?? {})
    .map(([name, value]) => `${name}: ${value}`)
    .join(", ");
}

/** What the device itself stated; nothing of it was checked. What it measured stands beside our measurements. */
function DeviceReading({ facts }: { facts: DeviceFacts }) {
  const statements = facts.statements ?? [];
  if (statements.length === 0) return null;
  return (
    <Stack gap={6}>
      <Text size="sm" c="dimmed">
        <Trans>Device interpretation</Trans>
      </Text>
      {statements.map(({ system, code, text }) => (
        <Text size="sm" key={`${system} ${code}`}>
          {text ? `${text} (${system} ${code})` : `${system} ${code}`}
        </Text>
      ))}
    </Stack>
  );
}

function filters({ high_pass, low_pass, notch }: DeviceFacts): string {
  const [high, low, mains] = [plain(high_pass), plain(low_pass), plain(notch)];
  const above = high_pass ? t`above ${high} Hz` : "";
  const below = low_pass ? t`below ${low} Hz` : "";
  const band = above && below ? t`above ${high} Hz and below ${low} Hz` : above || below;
  return [band, notch ? t`without ${mains} Hz` : ""].filter(Boolean).join(", ");
}
