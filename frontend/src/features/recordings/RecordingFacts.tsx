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
    <Section title="Details">
      <Stack gap="sm">
        {labels.length > 0 && (
          <Group gap={6}>
            <Text size="sm" c="dimmed">
              Labels
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
            ["Duration", seconds(recording.duration_s)],
            ["Sampling rate", hertz(recording.rate)],
            ["Amplitudes", recording.unit === "mV" ? "in mV" : "not calibrated"],
            ["Format", recording.format],
            ["Known in its file as", recording.record_id],
            ["Labels in its file", inFile(recording.file_labels)],
            ["Patient", recording.patient_id],
            ["Age", recording.age === null ? null : `${Math.round(recording.age)} years`],
            ["Sex", recording.sex === "F" ? "female" : recording.sex === "M" ? "male" : null],
            ["Device", recording.device],
            ["Recorded", recording.recorded_at && dateTime(recording.recorded_at)],
            ["Derived leads", recording.derived_leads.join(", ")],
            ["Missing leads", recording.missing_leads.join(", ")],
            ["Filtered by the device", filters(recording.device_facts)],
            ["Declared at upload", declaredText(recording.declared)],
            ["Uploaded", dateTime(recording.created_at)],
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
        Device interpretation
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
  const band = [high_pass && `above ${plain(high_pass)} Hz`, low_pass && `below ${plain(low_pass)} Hz`].filter(Boolean);
  return [band.join(" and "), notch ? `without ${plain(notch)} Hz` : ""].filter(Boolean).join(", ");
}
