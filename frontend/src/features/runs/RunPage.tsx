import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
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
            <ConfirmButton
              takes="delete_run"
              label={t`Delete`}
              size="sm"
              question={t`Delete this training?`}
              confirm={t`Delete training`}
              onConfirm={() => deleteRun(projectId, runId)}
              onDone={() => navigate(projectPath(projectId, "runs"), { replace: true })}
            >
              <Trans>Its curves and log will be deleted permanently. The trained model is kept.</Trans>
            </ConfirmButton>
          )
        }
      />
      {run.data.job.status === "queued" && <WorkerBanner />}
      <RunView key={runId} projectId={projectId} run={run.data} />
    </Stack>
  );
}
