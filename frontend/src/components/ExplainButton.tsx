import { t } from "@lingui/core/macro";
import { Button, Stack } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { createExplanation } from "@/api/explanations";
import { projectPath } from "@/lib/paths";
import { useMay } from "./May";
import { Problem } from "./Note";

type Props = { projectId: string; modelId: string; recordingId: string; label?: string; children?: string };

/** Asks what the model looked at in a recording, and leads to the page that shows it. */
export function ExplainButton({ projectId, modelId, recordingId, label, children }: Props) {
  const navigate = useNavigate();
  const may = useMay();
  const ask = useMutation({
    mutationFn: () => createExplanation(projectId, { model_id: modelId, recording_id: recordingId, label }),
    onSuccess: (made) => navigate(projectPath(projectId, "explanations", made.id)),
  });
  if (!may("create_explanation", projectId)) return null;
  return (
    <Stack gap="xs" align="flex-start">
      <Button variant="default" size="xs" loading={ask.isPending} onClick={() => ask.mutate()}>
        {children ?? t`What did the model look at?`}
      </Button>
      <Problem error={ask.error} />
    </Stack>
  );
}
