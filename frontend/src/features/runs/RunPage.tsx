import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { isOver } from "@/api/jobs";
import { deleteRun, runQuery } from "@/api/runs";
import { CannotShow } from "@/components/CannotShow";
import { ConfirmButton } from "@/components/ConfirmButton";
import { Loading, PageHead } from "@/components/Page";
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
  if (run.isPending) return <Loading lines={8} label="Loading training" />;
  if (run.isError) return <CannotShow title="The training cannot be shown" error={run.error} />;
  return (
    <Stack gap="lg">
      <PageHead
        title={run.data.name}
        lead={`Created ${dateTime(run.data.created_at)}`}
        actions={
          isOver(run.data.job) && (
            <ConfirmButton
              label="Delete"
              size="sm"
              question="Delete this training?"
              confirm="Delete training"
              onConfirm={() => deleteRun(projectId, runId)}
              onDone={() => navigate(projectPath(projectId, "runs"), { replace: true })}
            >
              Its curves and log will be deleted permanently. The trained model is kept.
            </ConfirmButton>
          )
        }
      />
      {run.data.job.status === "queued" && <WorkerBanner />}
      <RunView key={runId} projectId={projectId} run={run.data} />
    </Stack>
  );
}
