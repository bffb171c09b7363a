import { Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";

const STEPS = [
  [
    "Recordings",
    "Upload 12-lead ECGs: single files, folders or zips, in the format your device wrote. Look at each on ECG paper.",
  ],
  ["Labels", "Upload a table that says what each recording shows, such as “normal” or “atrial fibrillation”."],
  ["Train", "Press one button. A network learns from most of the recordings; the others are kept back to test it."],
  [
    "Models",
    "See how good the network is on the recordings it has never seen, with all its mistakes, and download it.",
  ],
  ["Predictions", "Let the network read new recordings, one by one beside the tracing or a whole set at once."],
] as const;

/** What stands on an empty start page. */
export function FiveSteps() {
  return (
    <Stack component="section" aria-label="How it works" gap="md">
      <Title order={2} size="h4">
        From ECGs to a network in five steps
      </Title>
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 5 }} component="ol" p={0} m={0} style={{ listStyle: "none" }}>
        {STEPS.map(([title, text], index) => (
          <Paper component="li" key={title} withBorder p="md">
            <Text c="dimmed" size="sm">
              Step {index + 1}
            </Text>
            <Text fw={650}>{title}</Text>
            <Text size="sm" mt={6}>
              {text}
            </Text>
          </Paper>
        ))}
      </SimpleGrid>
      <Text size="sm" c="dimmed">
        You need no knowledge of machine learning: every setting has a sensible value and an explanation. Recordings
        never leave the computer this platform runs on.
      </Text>
    </Stack>
  );
}
