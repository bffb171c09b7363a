import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { estimateQuery } from "@/api/runs";
import type { RunIn, TrainingEstimate } from "@/api/types";
import { Beside } from "@/components/Beside";
import { Note } from "@/components/Note";
import { timeRange } from "@/lib/format";
import { bySourceText, crossValidationText } from "./folds";

const DEBOUNCE_MS = 400;

/** What a training would be like; asked anew whenever the request changes. */
export function useEstimate(projectId: string, request: RunIn): UseQueryResult<TrainingEstimate> {
  // The name changes nothing, and equal requests are told by their text.
  const [text] = useDebouncedValue(JSON.stringify({ ...request, name: "" }), DEBOUNCE_MS);
  return useQuery(estimateQuery(projectId, JSON.parse(text) as RunIn));
}

/** How long the training will take, and what would stand in its way. */
export function EstimateNote({ estimate }: { estimate: UseQueryResult<TrainingEstimate> }) {
  if (estimate.isError) {
    return (
      <Note tone="warn" title={t`Training cannot start with these settings`} alert>
        {estimate.error.message}
      </Note>
    );
  }
  if (!estimate.data) {
    return (
      <Text size="sm" c="dimmed" role="status">
        <Trans>Estimating the training time …</Trans>
      </Text>
    );
  }
  const { seconds, most_seconds, notes } = estimate.data;
  const time = timeRange(seconds, most_seconds);
  return (
    <div
      role="status"
      aria-label={t`Estimated training time`}
      style={{ opacity: estimate.isPlaceholderData ? 0.6 : 1 }}
    >
      <Text fw={600}>
        <Trans>Estimated time: {time}</Trans>
      </Text>
      <Text size="sm" c="dimmed">
        {whoLearns(estimate.data)} {notes.join(" ")}
      </Text>
      <Beside said={estimate.data} />
    </div>
  );
}

function whoLearns({ parts, how_tested: how }: TrainingEstimate): string {
  const { train = 0, validation = 0, test = 0 } = parts;
  if (how.method === "holdout")
    return plural(train, {
      one: `# training recording, ${validation} to validate, ${test} to test.`,
      other: `# training recordings, ${validation} to validate, ${test} to test.`,
    });
  const method =
    how.folds_by === "patient" ? crossValidationText(how.folds, how.repeats) : bySourceText(how.folds_by, how.folds);
  return plural(test, {
    one: `${method}: # recording is tested. The model that is kept learns from all ${train}.`,
    other: `${method}: # recordings are tested. The model that is kept learns from all ${train}.`,
  });
}
