import { Group, Stack, Text } from "@mantine/core";
import type { DeviceFacts, Recording } from "@/api/types";
import { Chip } from "@/components/Chip";
import { Facts } from "@/components/Facts";
import { Section } from "@/components/Page";
import { declaredText } from "@/lib/declared";
import { dateTime, hertz, integer, plain, seconds } from "@/lib/format";

/** What is known of a recording. */
export function RecordingFacts({ recording }: { recording: Recording }) {
  return (
    <Section title="Facts">
      <Stack gap="sm">
        {(recording.labels ?? []).length > 0 && (
          <Group gap={6}>
            <Text size="sm" c="dimmed">
              Labels
            </Text>
            {(recording.labels ?? []).map((label) => (
              <Chip key={label} tone="info">
                {label}
              </Chip>
            ))}
          </Group>
        )}
        <Facts
          facts={[
            ["Length", seconds(recording.duration_s)],
            ["Rate", hertz(recording.rate)],
            ["Amplitudes", recording.unit === "mV" ? "in mV" : "without a scale"],
            ["Format", recording.format],
            ["Patient", recording.patient_id],
            ["Age", recording.age === null ? null : `${Math.round(recording.age)} years`],
            ["Sex", recording.sex === "F" ? "female" : recording.sex === "M" ? "male" : null],
            ["Device", recording.device],
            ["Recorded", recording.recorded_at && dateTime(recording.recorded_at)],
            ["Derived leads", recording.derived_leads.join(", ")],
            ["Missing leads", recording.missing_leads.join(", ")],
            ["Filtered by the device", filters(recording.device_facts)],
            ["Declared", declaredText(recording.declared)],
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

const MEASURED: readonly [string, string, string][] = [
  ["heart_rate", "Heart rate", "/min"],
  ["rr", "RR", " ms"],
  ["p", "P", " ms"],
  ["pr", "PR", " ms"],
  ["qrs", "QRS", " ms"],
  ["qt", "QT", " ms"],
  ["qtc", "QTc", " ms"],
  ["p_axis", "P axis", "°"],
  ["qrs_axis", "QRS axis", "°"],
  ["t_axis", "T axis", "°"],
];

/** What the device itself measured and stated; nothing of it was checked. */
function DeviceReading({ facts }: { facts: DeviceFacts }) {
  const measured = MEASURED.flatMap(([key, title, unit]) => {
    const value = facts.measurements?.[key];
    return value === undefined ? [] : [[title, `${integer(value)}${unit}`] as [string, string]];
  });
  const statements = facts.statements ?? [];
  if (measured.length === 0 && statements.length === 0) return null;
  return (
    <Stack gap={6}>
      <Text size="sm" c="dimmed">
        As the device read it
      </Text>
      <Facts facts={measured} />
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
