import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";

const STEPS = [
  [
    t`Recordings`,
    t`Upload 12-lead ECGs as files, folders or zips, in the format of your device. View each on ECG paper.`,
  ],
  [t`Labels`, t`Upload a table with the label of each recording, such as “normal” or “atrial fibrillation”.`],
  [
    t`Train`,
    t`Start with one click. The model is trained on most of the recordings; the others are set aside to test it.`,
  ],
  [t`Models`, t`See the results on the recordings the model has not seen, errors included, and download the model.`],
  [t`Predictions`, t`Apply the model to new recordings, one by one beside the tracing or a whole set at once.`],
] as const;

/** What stands on an empty start page. */
export function FiveSteps() {
  return (
    <Stack component="section" aria-label={t`How it works`} gap="md">
      <Title order={2} size="h4">
        <Trans>From ECGs to a model in five steps</Trans>
      </Title>
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 5 }} component="ol" p={0} m={0} style={{ listStyle: "none" }}>
        {STEPS.map(([title, text], index) => (
          <Paper component="li" key={title} withBorder p="md">
            <Text c="dimmed" size="sm">
              <Trans>Step {{ number: index + 1 }}</Trans>
            </Text>
            <Text fw={650}>{title}</Text>
            <Text size="sm" mt={6}>
              {text}
            </Text>
          </Paper>
        ))}
      </SimpleGrid>
      <Text size="sm" c="dimmed">
        <Trans>
          No knowledge of machine learning is needed: every setting has a sensible default and an explanation.
          Recordings never leave the computer this platform runs on.
        </Trans>
      </Text>
    </Stack>
  );
}
