import { Box, Group, Progress, Stack, Text } from "@mantine/core";
import type { RecordingPrediction } from "@/api/types";
import { Chip } from "@/components/Chip";
import { Facts } from "@/components/Facts";
import { Notes } from "@/components/Note";
import { percent, score } from "@/lib/format";
import { valueText } from "@/lib/regression";

/** What a model says of one recording: a bar a label, the predicted ones marked. */
export function RecordingResult({ result }: { result: RecordingPrediction }) {
  return result.task === "regression" ? <Values result={result} /> : <Probabilities result={result} />;
}

/** What a regression says: a value each. */
function Values({ result }: { result: RecordingPrediction }) {
  return (
    <Stack gap="sm" role="region" aria-label="Result of the prediction">
      <Notes notes={result.notes ?? []} title="Take care" />
      <Facts facts={result.labels.map(({ name, value }) => [name, valueText(value)] as const)} />
      <Text size="xs" c="dimmed">
        For research only. The values are the network’s own and may be wrong.
      </Text>
    </Stack>
  );
}

function Probabilities({ result }: { result: RecordingPrediction }) {
  const labels = result.labels
    .map((label) => ({ ...label, probability: label.probability ?? 0 }))
    .sort((a, b) => b.probability - a.probability);
  const names = labels.filter((label) => label.predicted).map((label) => label.name);
  return (
    <Stack gap="sm" role="region" aria-label="Result of the prediction">
      <Text fw={600} role="status">
        {names.length > 0 ? names.join(", ") : "None of the labels"}
      </Text>
      <Notes notes={result.notes ?? []} title="Take care" />
      <Stack gap={10} component="ul" p={0} m={0} style={{ listStyle: "none" }}>
        {labels.map((label) => (
          <Box component="li" key={label.label}>
            <Group justify="space-between" gap="xs" wrap="nowrap">
              <Text size="sm" fw={label.predicted ? 650 : 400} style={{ overflowWrap: "anywhere" }}>
                {label.name}
              </Text>
              <Group gap={6} wrap="nowrap">
                {label.predicted && (
                  <Chip tone="info" icon="check">
                    predicted
                  </Chip>
                )}
                <Text size="sm" className="numbers" style={{ whiteSpace: "nowrap" }}>
                  {percent(label.probability, 1)}
                </Text>
              </Group>
            </Group>
            <Progress.Root size="md" mt={3}>
              <Progress.Section
                value={100 * label.probability}
                color={label.predicted ? "clinic" : "gray.6"}
                aria-label={`Probability of ${label.name}`}
              />
            </Progress.Root>
            {result.task === "multi_label" && label.threshold !== null && label.threshold !== undefined && (
              <Text size="xs" c="dimmed">
                Predicted from {score(label.threshold, 2)} on
              </Text>
            )}
          </Box>
        ))}
      </Stack>
      <Text size="xs" c="dimmed">
        For research only. The probabilities are the network’s own and may be wrong even where they are high.
      </Text>
    </Stack>
  );
}
