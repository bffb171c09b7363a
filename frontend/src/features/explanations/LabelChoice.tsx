import { t } from "@lingui/core/macro";
import { Group, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { modelQuery } from "@/api/models";
import { ExplainButton } from "@/components/ExplainButton";

type Props = { projectId: string; modelId: string; recordingId: string; label: string };

/** Asks the same of another label of the model. */
export function LabelChoice({ projectId, modelId, recordingId, label }: Props) {
  const labels = useQuery(modelQuery(projectId, modelId)).data?.labels ?? [];
  const [chosen, setChosen] = useState<string | null>(null);
  if (labels.length < 2) return null;
  return (
    <Group align="flex-end" gap="sm">
      <Select
        label={t`Label`}
        data={labels}
        value={chosen ?? label}
        onChange={setChosen}
        allowDeselect={false}
        searchable
      />
      {chosen !== null && chosen !== label && (
        <ExplainButton projectId={projectId} modelId={modelId} recordingId={recordingId} label={chosen}>
          {t`Explain this label`}
        </ExplainButton>
      )}
    </Group>
  );
}
