import { t } from "@lingui/core/macro";
import { Stack } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { transferQuery } from "@/api/transfers";
import type { Transfer } from "@/api/types";
import { Notes } from "@/components/Note";
import { JobProgress } from "@/features/jobs/JobProgress";
import { texts, useJobFeed } from "@/features/jobs/useJobFeed";

type Props = {
  transfer: Transfer /** Called once when it has ended, with what came of it. */;
  onEnd?: (ended: Transfer) => void;
};

/** How far a transfer is; when it ends, whatever it has changed is asked for again. */
export function TransferProgress({ transfer, onEnd }: Props) {
  const queries = useQueryClient();
  const { job, events } = useJobFeed(transfer.project_id, transfer.job, async () => {
    void queries.invalidateQueries({ queryKey: ["exchange"] });
    void queries.invalidateQueries({ queryKey: ["exchanges"] });
    const ended = await queries.fetchQuery({ ...transferQuery(transfer.project_id, transfer.id), staleTime: 0 });
    onEnd?.(ended);
  });
  const { name } = transfer;
  const label = transfer.direction === "pull" ? t`Progress of fetching ${name}` : t`Progress of publishing ${name}`;
  return (
    <Stack gap="xs">
      <JobProgress owner={transfer.project_id} job={job} label={label} />
      <Notes notes={texts(events, "note")} tone="info" title={t`Please note`} />
    </Stack>
  );
}
