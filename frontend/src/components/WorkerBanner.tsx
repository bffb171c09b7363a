import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { systemQuery } from "@/api/system";
import { Copyable } from "./Copyable";
import { Note } from "./Note";

// Not translated: what is typed in a shell.
const COMMAND = "exchangeai worker";

/** Says that long tasks would wait, where no worker is alive. */
export function WorkerBanner() {
  const system = useQuery({ ...systemQuery(), refetchInterval: 10_000 });
  if (!system.data || system.data.workers.length > 0) return null;
  return (
    <Note tone="warn" title={t`No worker is running`} action={<Copyable text={COMMAND} />}>
      <Trans>
        Training, the demo project and predictions of whole datasets wait until a worker is started. Viewing recordings
        and predicting a single one work without it. Start a worker in a shell with:
      </Trans>
    </Note>
  );
}
