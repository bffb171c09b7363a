import type { Comparison } from "@/api/types";
import { Chip } from "@/components/Chip";

/** How far the trainings of a comparison are. */
export function ComparisonStatus({ comparison }: { comparison: Comparison }) {
  const { candidates, status } = comparison;
  const done = candidates.filter(({ job }) => job?.status === "done").length;
  if (status === "running") {
    return (
      <Chip tone="info" icon="play">
        {done} of {candidates.length} trained
      </Chip>
    );
  }
  if (status === "done") {
    return (
      <Chip tone="good" icon="check">
        Done
      </Chip>
    );
  }
  return (
    <Chip tone="warn" icon="alert">
      {done} of {candidates.length} trained, then ended
    </Chip>
  );
}
