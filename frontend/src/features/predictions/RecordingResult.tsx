import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Box, Group, Progress, Stack, Text } from "@mantine/core";
import type { LabelProbability, RecordingPrediction } from "@/api/types";
import { Chip } from "@/components/Chip";
import { Facts } from "@/components/Facts";
import { Notes } from "@/components/Note";
import { capital, digitsApart, fixed, percent, valueText } from "@/lib/format";
import { SeenChip } from "./SeenChip";

/** What a model says of one recording: a bar a label, the predicted ones marked. */
export function RecordingResult({ result }: { result: RecordingPrediction }) {
  return result.task === "regression" ? <Values result={result} /> : <Probabilities result={result} />;
}

/** What a regression says: a value each. */
function Values({ result }: { result: RecordingPrediction }) {
  return (
    <Stack gap="sm" role="region" aria-label={t`Result of the prediction`}>
      <Seen result={result} />
      <Notes notes={result.notes ?? []} title={t`Please note`} />
      <Facts facts={result.labels.map(({ name, value }) => [name, valueText(value)] as const)} />
      <Text size="xs" c="dimmed">
        <Trans>For research use only. The estimated values may be wrong.</Trans>
      </Text>
    </Stack>
  );
}

/** Whether the model knows the recording already, and what a table says it shows. */
function Seen({ result }: { result: RecordingPrediction }) {
  const known = result.known?.join(", ") || t`none of the labels`;
  const learnt = result.seen === "training" || result.seen === "validation";
  return (
    <Stack gap={4}>
      <Group gap="xs">
        <SeenChip seen={result.seen} why={result.seen_text} />
        {result.known && (
          <Text size="sm">
            <Trans>Known: {known}</Trans>
          </Text>
        )}
      </Group>
      {learnt && (
        <Text size="sm" c="dimmed">
          {capital(result.seen_text)}.{" "}
          {result.seen === "training"
            ? t`The model has learned from it, so that this result does not tell how well it does on new patients.`
            : t`The training was chosen by how well the model does on it, so that this result is likely better than on new patients.`}
        </Text>
      )}
    </Stack>
  );
}

/** "71 %", with the interval of the calibration where there is one: "71 % (64 to 77)". */
/** So many decimals that one sees whether the label reaches its threshold. */
function digitsOf({ probability, threshold }: LabelProbability): number {
  return typeof probability === "number" && typeof threshold === "number" ? digitsApart(probability, threshold) : 0;
}

function probabilityText(label: LabelProbability): string {
  const { probability_low: low, probability_high: high } = label;
  const text = percent(label.probability ?? 0, digitsOf(label));
  if (typeof low !== "number" || typeof high !== "number") return text;
  const [from, to] = [fixed(100 * low), fixed(100 * high)];
  return t`${text} (${from} to ${to})`;
}

const probabilityOf = (label: string) => t`Probability of ${label}`;
const thresholdText = (threshold: string) => t`Threshold ${threshold}`;

function Probabilities({ result }: { result: RecordingPrediction }) {
  const labels = result.labels
    .map((label) => ({ ...label, probability: label.probability ?? 0 }))
    .sort((a, b) => b.probability - a.probability);
  const open = labels.filter((label) => label.abstains).map((label) => label.name);
  const openNames = open.join(", ");
  const names = labels.filter((label) => label.predicted && !label.abstains).map((label) => label.name);
  return (
    <Stack gap="sm" role="region" aria-label={t`Result of the prediction`}>
      <Text fw={600} role="status">
        {names.length > 0 ? names.join(", ") : open.length > 0 ? t`Left open` : t`None of the labels`}
      </Text>
      <Seen result={result} />
      {open.length > 0 && (
        <Text size="sm">
          <Trans>The model leaves open: {openNames}. At such probabilities it is wrong too often.</Trans>
        </Text>
      )}
      <Notes notes={result.notes ?? []} title={t`Please note`} />
      <Stack gap={10} component="ul" p={0} m={0} style={{ listStyle: "none" }}>
        {labels.map((label) => (
          <Box component="li" key={label.label}>
            <Group justify="space-between" gap="xs" wrap="nowrap">
              <Text size="sm" fw={label.predicted ? 650 : 400} className="name">
                {label.name}
              </Text>
              <Group gap={6} wrap="nowrap">
                {label.abstains ? (
                  <Chip tone="warn" icon="help">
                    <Trans>left open</Trans>
                  </Chip>
                ) : (
                  label.predicted && (
                    <Chip tone="info" icon="check">
                      <Trans>predicted</Trans>
                    </Chip>
                  )
                )}
                <Text size="sm" className="numbers" style={{ whiteSpace: "nowrap" }}>
                  {probabilityText(label)}
                </Text>
              </Group>
            </Group>
            <Progress.Root size="md" mt={3}>
              <Progress.Section
                value={100 * label.probability}
                color={label.predicted ? "clinic" : "gray.6"}
                aria-label={probabilityOf(label.name)}
              />
            </Progress.Root>
            {result.task === "multi_label" && label.threshold !== null && label.threshold !== undefined && (
              <Text size="xs" c="dimmed">
                {thresholdText(percent(label.threshold, digitsOf(label)))}
              </Text>
            )}
          </Box>
        ))}
      </Stack>
      <Text size="xs" c="dimmed">
        <Trans>For research use only. Predictions may be wrong even if their probability is high.</Trans>
      </Text>
    </Stack>
  );
}
