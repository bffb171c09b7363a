import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { datasetsQuery } from "@/api/datasets";
import { ButtonLink } from "@/components/ButtonLink";
import { Problem } from "@/components/Note";
import { Empty, Loading, PageHead } from "@/components/Page";
import { useProjectId } from "@/components/useProjectId";
import { DatasetCard } from "./DatasetCard";
import { UploadTable } from "./UploadTable";

export function LabelsPage() {
  const projectId = useProjectId();
  const datasets = useQuery(datasetsQuery(projectId));
  const some = (datasets.data?.length ?? 0) > 0;
  return (
    <Stack gap="lg">
      <PageHead
        title="Labels"
        lead="A table says what each recording shows, as labels or as values. A network learns from it, and is tested against it."
        actions={
          some && (
            <ButtonLink to="../runs" variant="default">
              Next: train
            </ButtonLink>
          )
        }
      />
      <UploadTable projectId={projectId} />
      {datasets.isPending && <Loading label="Loading label tables" />}
      <Problem error={datasets.error} title="The label tables cannot be shown" />
      {datasets.data?.length === 0 && (
        <Empty title="No labels yet">
          Upload a table above. You may do so before or after uploading the recordings; rows find their recordings by
          file name.
        </Empty>
      )}
      {datasets.data?.map((dataset) => (
        <DatasetCard key={dataset.id} projectId={projectId} dataset={dataset} />
      ))}
    </Stack>
  );
}
