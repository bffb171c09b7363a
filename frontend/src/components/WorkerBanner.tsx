import { useQuery } from "@tanstack/react-query";
import { systemQuery } from "@/api/system";
import { Copyable } from "./Copyable";
import { Note } from "./Note";

/** Says that long tasks would wait, where no worker is alive. */
export function WorkerBanner() {
  const system = useQuery({ ...systemQuery(), refetchInterval: 10_000 });
  if (!system.data || system.data.workers.length > 0) return null;
  return (
    <Note tone="warn" title="No worker is running" action={<Copyable text="exchangeai worker" />}>
      Training, the demo project and predictions of whole datasets wait until a worker is started. Viewing recordings
      and predicting a single one work without it. Start a worker in a shell with:
    </Note>
  );
}
