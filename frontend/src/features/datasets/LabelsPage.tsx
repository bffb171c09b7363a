import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { datasetsQuery } from "@/api/datasets";
import { ButtonLink } from "@/components/ButtonLink";
import { useMay, WhyNot } from "@/components/May";
import { Problem } from "@/components/Note";
import { Empty, Loading, PageHead } from "@/components/Page";
import { useProjectId } from "@/components/useProjectId";
import { DatasetCard } from "./DatasetCard";
import { LabelsInFiles } from "./LabelsInFiles";
import { UploadTable } from "./UploadTable";

/** Labels: tables that are here, ways to attach more, and `labelSets`, those that are given on the page. */
export function LabelsPage({ labelSets }: { labelSets: ReactNode }) {
  const projectId = useProjectId();
  const datasets = useQuery(datasetsQuery(projectId));
  const may = useMay();
  const adds = may("create_dataset") && may("create_dataset_of_files");
  const some = (datasets.data?.length ?? 0) > 0;
  return (
    <Stack gap="lg">
      <PageHead
        title={t`Labels`}
        lead={t`Give labels here, or upload a table with the labels, or the measured values, of the recordings. Models are trained and tested on them.`}
        actions={
          some && (
            <ButtonLink to="../runs" variant="default">
              <Trans>Next: train</Trans>
            </ButtonLink>
          )
        }
      />
      {labelSets}
      {adds ? (
        <>
          <UploadTable projectId={projectId} />
          <LabelsInFiles projectId={projectId} />
        </>
      ) : (
        <WhyNot operation="create_dataset">
          <Trans>You cannot add label tables here.</Trans>
        </WhyNot>
      )}
      {datasets.isPending && <Loading label={t`Loading label tables`} />}
      <Problem error={datasets.error} title={t`The label tables cannot be shown`} />
      {datasets.data?.length === 0 && (
        <Empty title={t`No labels yet`}>
          {adds && (
            <Trans>Upload a table above, before or after the recordings. Rows are matched to recordings by name.</Trans>
          )}
        </Empty>
      )}
      {datasets.data?.map((dataset) => (
        <DatasetCard key={dataset.id} projectId={projectId} dataset={dataset} />
      ))}
    </Stack>
  );
}
