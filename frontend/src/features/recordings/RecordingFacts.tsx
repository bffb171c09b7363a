import { Group, Stack, Text } from "@mantine/core";
import type { Recording } from "@/api/types";
import { Chip } from "@/components/Chip";
import { Facts } from "@/components/Facts";
import { Section } from "@/components/Page";
import { dateTime, hertz, plain, seconds } from "@/lib/format";

/** What is known of a recording. */
export function RecordingFacts({ recording }: { recording: Recording }) {
  const declared = Object.entries(recording.declared);
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
            ["Declared", declared.map(([key, value]) => `${key.replaceAll("_", " ")} ${plain(value)}`).join(", ")],
            ["Uploaded", dateTime(recording.created_at)],
          ]}
        />
        {recording.notes.map((note) => (
          <Text size="sm" key={note}>
            {note}
          </Text>
        ))}
      </Stack>
    </Section>
  );
}
