import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { datasetsQuery } from "@/api/datasets";
import { usableModelsQuery } from "@/api/models";
import { runQuery } from "@/api/runs";
import { systemQuery } from "@/api/system";
import { useFresh } from "@/api/useFresh";
import { ButtonLink } from "@/components/ButtonLink";
import { Problem } from "@/components/Note";
import { Empty, Loading, PageHead } from "@/components/Page";
import { useProjectId } from "@/components/useProjectId";
import { WorkerBanner } from "@/components/WorkerBanner";
import { RunFormView } from "./RunFormView";

export function NewRunPage() {
  const projectId = useProjectId();
  const datasets = useFresh(datasetsQuery(projectId));
  const models = useFresh(usableModelsQuery(projectId, "training"));
  const system = useQuery(systemQuery());
  const [params] = useSearchParams();
  const againId = params.get("again");
  const again = useQuery({ ...runQuery(projectId, againId ?? ""), enabled: againId !== null });
  const waits = datasets.isPending || models.isPending || system.isPending || again.isLoading;
  return (
    <Stack gap="lg" maw={860}>
      <PageHead
        title={t`New training`}
        lead={t`Choose the label table and the model to start from. All other settings have defaults that work for most data.`}
      />
      <WorkerBanner />
      <Problem
        error={datasets.error ?? models.error ?? system.error ?? again.error}
        title={t`The form cannot be shown`}
      />
      {waits && <Loading label={t`Loading settings`} />}
      {datasets.data?.length === 0 && (
        <Empty
          title={t`Training needs labels first`}
          action={
            <ButtonLink to="../labels">
              <Trans>Upload labels</Trans>
            </ButtonLink>
          }
        >
          <Trans>A model is trained on a table that states the label or value of each recording.</Trans>
        </Empty>
      )}
      {!waits && datasets.data && datasets.data.length > 0 && models.data && system.data && (
        <RunFormView
          key={`${params.get("base")} ${againId}`}
          projectId={projectId}
          datasets={datasets.data}
          models={models.data}
          system={system.data}
          baseId={params.get("base")}
          again={again.data}
        />
      )}
    </Stack>
  );
}
