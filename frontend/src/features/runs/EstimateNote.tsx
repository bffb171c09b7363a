import { Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { estimateQuery } from "@/api/runs";
import type { RunIn } from "@/api/types";
import { Note } from "@/components/Note";
import { count, foretold } from "@/lib/format";

const DEBOUNCE_MS = 400;

/** How long the training will take, and what would stand in its way; asked anew whenever the request changes. */
export function EstimateNote({ projectId, request }: { projectId: string; request: RunIn }) {
  // The name changes nothing, and equal requests are told by their text.
  const [text] = useDebouncedValue(JSON.stringify({ ...request, name: "" }), DEBOUNCE_MS);
  const estimate = useQuery(estimateQuery(projectId, JSON.parse(text) as RunIn));
  if (estimate.isError) {
    return (
      <Note tone="warn" title="It cannot start like this" alert>
        {estimate.error.message}
      </Note>
    );
  }
  if (!estimate.data) {
    return (
      <Text size="sm" c="dimmed" role="status">
        Estimating the time …
      </Text>
    );
  }
  const { seconds, most_seconds, n_train, notes } = estimate.data;
  return (
    <div role="status" aria-label="Time it will take" style={{ opacity: estimate.isPlaceholderData ? 0.6 : 1 }}>
      <Text fw={600}>Takes {foretold(seconds, most_seconds)}</Text>
      <Text size="sm" c="dimmed">
        It learns from {count(n_train, "recording")}. {notes.join(" ")}
      </Text>
    </div>
  );
}
