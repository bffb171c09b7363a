import { Trans } from "@lingui/react/macro";
import type { Comparison } from "@/api/types";
import { Chip } from "@/components/Chip";

/** How far the trainings of a comparison are. */
export function ComparisonStatus({ comparison }: { comparison: Comparison }) {
  const { candidates, status } = comparison;
  const all = candidates.length;
  const done = candidates.filter(({ job }) => job?.status === "done").length;
  if (status === "running") {
    return (
      <Chip tone="info" icon="play">
        <Trans>
          {done} of {all} trained
        </Trans>
      </Chip>
    );
  }
  if (status === "done") {
    return (
      <Chip tone="good" icon="check">
        <Trans>Done</Trans>
      </Chip>
    );
  }
  return (
    <Chip tone="warn" icon="alert">
      <Trans>
        {done} of {all} trained, then ended
      </Trans>
    </Chip>
  );
}
