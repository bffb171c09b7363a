import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Paper, Select, Stack, Text } from "@mantine/core";
import { useSessionStorage } from "@mantine/hooks";
import { useMutation, useQuery } from "@tanstack/react-query";
import { predictRecording, usableModelsQuery } from "@/api/models";
import { recordingQuery } from "@/api/recordings";
import { useFresh } from "@/api/useFresh";
import { TextLink } from "@/components/ButtonLink";
import { ExplainButton } from "@/components/ExplainButton";
import { modelOptions } from "@/components/modelOptions";
import { Problem } from "@/components/Note";
import { Loading, Section } from "@/components/Page";
import { projectPath } from "@/lib/paths";
import { RecordingResult } from "./RecordingResult";

/** Lets a model read the recording that is shown. */
export function PredictPanel({ projectId, recordingId }: { projectId: string; recordingId: string }) {
  const models = useFresh(usableModelsQuery(projectId, "prediction"));
  const missing = useQuery(recordingQuery(projectId, recordingId)).data?.missing_leads ?? [];
  const leads = missing.join(", ");
  // The choice is kept from one recording to the next.
  const [chosen, setChosen] = useSessionStorage<string | null>({
    key: `exchangeai-model-${projectId}`,
    defaultValue: null,
    getInitialValueInEffect: false,
  });
  const offered = models.data;
  const modelId = offered?.find((model) => model.id === chosen)?.id ?? offered?.[0]?.id ?? null;
  const predict = useMutation({ mutationFn: (id: string) => predictRecording(projectId, id, recordingId) });
  // A result stands only under the model that it is of: the list, and with it the first choice, may change meanwhile.
  const result = predict.data?.model_id === modelId ? predict.data : undefined;
  return (
    <Paper withBorder p="md">
      <Section title={t`Predict`}>
        {models.isPending && <Loading lines={2} label={t`Loading models`} />}
        <Problem error={models.error} />
        {missing.length === 0 && offered?.length === 0 && (
          <Text size="sm">
            <Trans>
              No model is available for prediction. <TextLink to={projectPath(projectId, "runs")}>Train one</TextLink>{" "}
              or <TextLink to={projectPath(projectId, "models")}>import one</TextLink> to predict this recording.
            </Trans>
          </Text>
        )}
        {missing.length > 0 && (
          <Text size="sm">
            <Trans>
              Leads {leads} are missing. A model needs all twelve leads, so this recording can neither be predicted nor
              used for training.
            </Trans>
          </Text>
        )}
        {missing.length === 0 && offered && offered.length > 0 && (
          <Stack gap="sm">
            <Select
              label={t`Model`}
              data={modelOptions(offered, projectId)}
              value={modelId}
              allowDeselect={false}
              onChange={(id) => {
                setChosen(id);
                predict.reset();
              }}
            />
            <Button loading={predict.isPending} onClick={() => modelId && predict.mutate(modelId)}>
              <Trans>Predict this recording</Trans>
            </Button>
            <Problem error={predict.error} />
            {result && <RecordingResult result={result} />}
            {result && <ExplainButton projectId={projectId} modelId={result.model_id} recordingId={recordingId} />}
          </Stack>
        )}
      </Section>
    </Paper>
  );
}
