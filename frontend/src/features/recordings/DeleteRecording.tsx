import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import type { Recording } from "@/api/types";
import { RemoveButton } from "@/components/RemoveButton";

type Props = { projectId: string; recording: Recording; onDone?: () => void; iconOnly?: boolean };

export function DeleteRecording({ projectId, recording, onDone, iconOnly = true }: Props) {
  const { id, file_name: name } = recording;
  return (
    <RemoveButton
      thing={{ kind: "recording", projectId, id, name }}
      iconOnly={iconOnly}
      label={iconOnly ? t`Delete ${{ name }}` : t`Delete`}
      ask={{
        question: t`Delete this recording?`,
        confirm: t`Delete recording`,
        children: (
          <Trans>“{{ name }}” and what readers said of it will be deleted. Models trained on it are kept.</Trans>
        ),
      }}
      onDone={onDone}
    />
  );
}
