import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { deleteRecording } from "@/api/recordings";
import type { Recording } from "@/api/types";
import { ConfirmButton } from "@/components/ConfirmButton";

type Props = { projectId: string; recording: Recording; onDone?: () => void; iconOnly?: boolean };

export function DeleteRecording({ projectId, recording, onDone, iconOnly = true }: Props) {
  const queries = useQueryClient();
  return (
    <ConfirmButton
      takes="delete_recording"
      projectId={projectId}
      iconOnly={iconOnly}
      label={iconOnly ? t`Delete ${{ name: recording.file_name }}` : t`Delete`}
      question={t`Delete this recording?`}
      confirm={t`Delete recording`}
      onConfirm={() => deleteRecording(projectId, recording.id)}
      onDone={() => {
        onDone?.();
        void queries.invalidateQueries({ queryKey: ["project", projectId] });
      }}
    >
      <Trans>“{{ name: recording.file_name }}” will be deleted permanently. Models trained on it are kept.</Trans>
    </ConfirmButton>
  );
}
