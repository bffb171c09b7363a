import { Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { estimateQuery } from "@/api/runs";
import type { RunIn, TrainingEstimate } from "@/api/types";
import { Beside } from "@/components/Beside";
import { Note } from "@/components/Note";
import { count, timeRange } from "@/lib/format";

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
      <Note tone="warn" title="Training cannot start with these settings" alert>
        {estimate.error.message}
      </Note>
    );
  }
  if (!estimate.data) {
    return (
      <Text size="sm" c="dimmed" role="status">
        Estimating the training time …
      </Text>
    );
  }
  const { seconds, most_seconds, notes } = estimate.data;
  return (
    <div role="status" aria-label="Estimated training time" style={{ opacity: estimate.isPlaceholderData ? 0.6 : 1 }}>
      <Text fw={600}>Estimated time: {timeRange(seconds, most_seconds)}</Text>
      <Text size="sm" c="dimmed">
        {whoLearns(estimate.data)} {notes.join(" ")}
      </Text>
      <Beside said={estimate.data} />
    </div>
  );
}

function whoLearns({ parts, how_tested: how }: TrainingEstimate): string {
  if (how.method === "holdout")
    return `${count(parts.train ?? 0, "training recording")}, ${parts.validation ?? 0} to validate, ${parts.test ?? 0} to test.`;
  const times = how.repeats === 1 ? "" : ` × ${how.repeats} repeats`;
  return (
    `Cross-validation, ${how.folds} folds${times}: ${count(parts.test ?? 0, "recording is", "recordings are")} tested. ` +
    `The model that is kept learns from all ${parts.train ?? 0}.`
  );
}
