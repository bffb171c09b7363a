import { useQueryClient } from "@tanstack/react-query";
import { deleteRecording } from "@/api/recordings";
import type { Recording } from "@/api/types";
import { ConfirmButton } from "@/components/ConfirmButton";

type Props = { projectId: string; recording: Recording; onDone?: () => void; iconOnly?: boolean };

export function DeleteRecording({ projectId, recording, onDone, iconOnly = true }: Props) {
  const queries = useQueryClient();
  return (
    <ConfirmButton
      iconOnly={iconOnly}
      label={iconOnly ? `Delete ${recording.file_name}` : "Delete"}
      question="Delete this recording?"
      confirm="Delete recording"
      onConfirm={() => deleteRecording(projectId, recording.id)}
      onDone={() => {
        onDone?.();
        void queries.invalidateQueries({ queryKey: ["project", projectId] });
      }}
    >
      “{recording.file_name}” will be deleted permanently. Models trained on it are kept.
    </ConfirmButton>
  );
}
