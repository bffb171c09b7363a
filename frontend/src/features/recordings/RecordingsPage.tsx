import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { projectQuery } from "@/api/projects";
import { ButtonLink } from "@/components/ButtonLink";
import { useMay, WhyNot } from "@/components/May";
import { PageHead } from "@/components/Page";
import { useProjectId } from "@/components/useProjectId";
import { RecordingsBrowser } from "./RecordingsBrowser";
import { UploadPanel } from "./upload/UploadPanel";

export function RecordingsPage() {
  const projectId = useProjectId();
  const may = useMay();
  const project = useQuery(projectQuery(projectId));
  const some = (project.data?.n_recordings ?? 0) > 0;
  return (
    <Stack gap="lg">
      <PageHead
        title={t`Recordings`}
        lead={t`Upload and view the ECGs of this project. Click a row to see the tracing on ECG paper.`}
        actions={
          <>
            <ButtonLink to="../imports" variant="subtle">
              <Trans>Imports</Trans>
            </ButtonLink>
            {some && (
              <ButtonLink to="../labels" variant="default">
                <Trans>Next: labels</Trans>
              </ButtonLink>
            )}
          </>
        }
      />
      {may("upload_recordings") ? (
        <UploadPanel projectId={projectId} />
      ) : (
        <WhyNot operation="upload_recordings">
          <Trans>You cannot upload ECGs here.</Trans>
        </WhyNot>
      )}
      <RecordingsBrowser projectId={projectId} />
    </Stack>
  );
}
