import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { comparisonQuery } from "@/api/comparisons";
import { datasetsQuery } from "@/api/datasets";
import { useFresh } from "@/api/useFresh";
import { ButtonLink } from "@/components/ButtonLink";
import { Problem } from "@/components/Note";
import { Empty, Loading, PageHead } from "@/components/Page";
import { useProjectId } from "@/components/useProjectId";
import { WorkerBanner } from "@/components/WorkerBanner";
import { projectPath } from "@/lib/paths";
import { ComparisonForm } from "./ComparisonForm";

/** Chooses what is compared, and on which labels. */
export function NewComparisonPage() {
  const projectId = useProjectId();
  const datasets = useFresh(datasetsQuery(projectId));
  const againId = useSearchParams()[0].get("again");
  const again = useQuery({ ...comparisonQuery(projectId, againId ?? ""), enabled: againId !== null });
  return (
    <Stack gap="lg" maw={860}>
      <PageHead
        title={t`New comparison`}
        lead={t`Every model is trained and tested on the same recordings, in the same parts, so that they can be compared fairly.`}
      />
      <WorkerBanner />
      <Problem error={datasets.error ?? again.error} title={t`The form cannot be shown`} />
      {(datasets.isPending || again.isLoading) && <Loading label={t`Loading label tables`} />}
      {datasets.data?.length === 0 && (
        <Empty
          title={t`A comparison needs labels first`}
          action={
            <ButtonLink to={projectPath(projectId, "labels")}>
              <Trans>Upload labels</Trans>
            </ButtonLink>
          }
        >
          <Trans>Models are trained on a table that states the label or value of each recording.</Trans>
        </Empty>
      )}
      {datasets.data && datasets.data.length > 0 && !again.isLoading && (
        <ComparisonForm projectId={projectId} datasets={datasets.data} again={again.data} />
      )}
    </Stack>
  );
}
