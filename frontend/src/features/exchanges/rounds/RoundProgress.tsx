import { t } from "@lingui/core/macro";
import { Stack } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import type { Job } from "@/api/types";
import { Notes } from "@/components/Note";
import { JobProgress } from "@/features/jobs/JobProgress";
import { texts, useJobFeed } from "@/features/jobs/useJobFeed";

/** How far a contribution or a merging is; when it ends, the exchange is asked again. */
export function RoundProgress({ projectId, job: known }: { projectId: string; job: Job }) {
  const queries = useQueryClient();
  const { job, events } = useJobFeed(projectId, known, () => {
    void queries.invalidateQueries({ queryKey: ["exchange"] });
  });
  return (
    <Stack gap="xs">
      <JobProgress owner={projectId} job={job} label={t`Progress of the round`} />
      <Notes notes={texts(events, "note")} tone="info" title={t`Please note`} />
    </Stack>
  );
}
