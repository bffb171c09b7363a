import { t } from "@lingui/core/macro";
import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { isOver } from "@/api/jobs";
import { runQuery } from "@/api/runs";
import { AgainLink } from "@/components/AgainLink";
import { CannotShow } from "@/components/CannotShow";
import { Loading, PageHead } from "@/components/Page";
import { RemoveButton } from "@/components/RemoveButton";
import { useParam, useProjectId } from "@/components/useProjectId";
import { WorkerBanner } from "@/components/WorkerBanner";
import { dateTime } from "@/lib/format";
import { projectPath } from "@/lib/paths";
import { RunView } from "./RunView";

export function RunPage() {
  const projectId = useProjectId();
  const runId = useParam("runId");
  const navigate = useNavigate();
  const run = useQuery(runQuery(projectId, runId));
  if (run.isPending) return <Loading lines={8} label={t`Loading training`} />;
  if (run.isError) return <CannotShow title={t`The training cannot be shown`} error={run.error} />;
  const created = dateTime(run.data.created_at);
  return (
    <Stack gap="lg">
      <PageHead
        title={run.data.name}
        lead={t`Created ${created}`}
        actions={
          isOver(run.data.job) && (
            <>
              <AgainLink operation="create_run" to={`${projectPath(projectId, "runs", "new")}?again=${runId}`} />
              <RemoveButton
                thing={{ kind: "run", projectId, id: runId, name: run.data.name }}
                label={t`Delete`}
                size="sm"
                onDone={() => navigate(projectPath(projectId, "runs"), { replace: true })}
              />
            </>
          )
        }
      />
      {run.data.job.status === "queued" && <WorkerBanner />}
      <RunView key={runId} projectId={projectId} run={run.data} />
    </Stack>
  );
}
