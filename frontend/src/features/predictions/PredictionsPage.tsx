import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Group, Paper, Progress, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { isOver } from "@/api/jobs";
import { usableModelsQuery } from "@/api/models";
import { predictionsQuery } from "@/api/predictions";
import type { Prediction } from "@/api/types";
import { useFresh } from "@/api/useFresh";
import { TextLink } from "@/components/ButtonLink";
import { StatusChip } from "@/components/Chip";
import { useMay, WhyNot } from "@/components/May";
import { Problem } from "@/components/Note";
import { Empty, Loading, PageHead } from "@/components/Page";
import { useProjectId } from "@/components/useProjectId";
import { WorkerBanner } from "@/components/WorkerBanner";
import { region } from "@/language/language";
import { dateTime, percent } from "@/lib/format";
import { StartPrediction } from "./StartPrediction";

export function PredictionsPage() {
  const projectId = useProjectId();
  const predictions = useQuery(predictionsQuery(projectId));
  const models = useFresh(usableModelsQuery(projectId, "prediction"));
  const offered = models.data;
  const may = useMay();
  return (
    <Stack gap="lg">
      <PageHead
        title={t`Predictions`}
        lead={t`Apply a model to many recordings at once. If their labels are known, the results are compared with them.`}
      />
      <WorkerBanner />
      <Problem error={models.error ?? predictions.error} title={t`The predictions cannot be shown`} />
      {(models.isPending || predictions.isPending) && <Loading label={t`Loading predictions`} />}
      {offered?.length === 0 && (
        <Empty title={t`Predictions need a model first`}>
          <Trans>
            <TextLink to="../runs">Train</TextLink> or <TextLink to="../models">import</TextLink> a model, or make one
            available for prediction.
          </Trans>
        </Empty>
      )}
      {offered && offered.length > 0 && may("create_prediction") && (
        <StartPrediction projectId={projectId} models={offered} />
      )}
      {!may("create_prediction") && (
        <WhyNot operation="create_prediction">
          <Trans>You cannot start predictions here.</Trans>
        </WhyNot>
      )}
      {predictions.data && predictions.data.length > 0 && (
        <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: "none" }} aria-label={t`Predictions`}>
          {predictions.data.map((prediction) => (
            <PredictionRow key={prediction.id} prediction={prediction} />
          ))}
        </Stack>
      )}
    </Stack>
  );
}

function PredictionRow({ prediction }: { prediction: Prediction }) {
  const { job, model_name: model } = prediction;
  const nErrors = prediction.n_errors.toLocaleString(region());
  return (
    <Paper component="li" withBorder p="md">
      <Stack gap={6}>
        <Group justify="space-between" gap="xs">
          <Link className="row-link" to={encodeURIComponent(prediction.id)}>
            {prediction.dataset_id ? t`${model} on a label table` : t`${model} on all recordings`}
          </Link>
          <StatusChip status={job.status} />
        </Group>
        {!isOver(job) && (
          <Progress.Root size="md">
            <Progress.Section value={100 * job.progress} color="clinic" aria-label={t`Progress of the prediction`} />
          </Progress.Root>
        )}
        <Text size="sm" c="dimmed">
          {isOver(job)
            ? plural(prediction.n_results, { one: "# recording", other: "# recordings" })
            : `${percent(job.progress)} · ${job.message || t`waiting to start`}`}
          {prediction.n_errors > 0 && ` · ${t`${nErrors} could not be read`}`} · {dateTime(prediction.created_at)}
        </Text>
      </Stack>
    </Paper>
  );
}
