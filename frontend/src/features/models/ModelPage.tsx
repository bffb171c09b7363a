import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { modelQuery } from "@/api/models";
import type { Model } from "@/api/types";
import { Beside } from "@/components/Beside";
import { ButtonLink, TextLink } from "@/components/ButtonLink";
import { CannotShow } from "@/components/CannotShow";
import { CrossValidated, crossValidationOf } from "@/components/CrossValidated";
import { May } from "@/components/May";
import { Note } from "@/components/Note";
import { Loading, PageHead } from "@/components/Page";
import { useParam, useProjectId } from "@/components/useProjectId";
import { DriftChecks } from "@/features/drift/DriftChecks";
import { EvaluationsOfModel } from "@/features/evaluations/EvaluationsOfModel";
import { Mistakes } from "@/features/evaluations/Mistakes";
import { hasResults, Results } from "@/features/evaluations/Results";
import { Routes } from "@/features/evaluations/Routes";
import { dateTime } from "@/lib/format";
import { projectPath } from "@/lib/paths";
import { DeleteModel } from "./DeleteModel";
import { HowTrained } from "./HowTrained";
import { Lineage } from "./Lineage";
import { ModelCard } from "./ModelCard";
import { ModelDownloads } from "./ModelDownloads";
import { ModelOffers } from "./ModelOffers";
import { canFineTune, outputOf } from "./traits";

function leadOf(model: Model): string {
  const [outputs, created] = [outputOf(model), dateTime(model.created_at)];
  if (!model.has_head) return `${outputs} · ${created}`;
  return model.task === "regression" ? t`Estimates ${outputs} · ${created}` : t`Predicts ${outputs} · ${created}`;
}

export function ModelPage() {
  const projectId = useProjectId();
  const modelId = useParam("modelId");
  const model = useQuery(modelQuery(projectId, modelId));
  if (model.isPending) return <Loading lines={8} label={t`Loading model`} />;
  if (model.isError) return <CannotShow title={t`The model cannot be shown`} error={model.error} />;
  const data = model.data;
  const project = data.project_name;
  const tested = hasResults(data.evaluation);
  const own = data.project_id === projectId;
  return (
    <Stack gap="lg">
      <PageHead
        title={data.name}
        lead={leadOf(data)}
        actions={
          <Group gap="xs">
            <ModelDownloads projectId={projectId} model={data} />
            {data.for_training && canFineTune(data) && (
              <ButtonLink
                variant="default"
                to={`${projectPath(projectId, "runs", "new")}?base=${encodeURIComponent(modelId)}`}
              >
                <Trans>Fine-tune this model</Trans>
              </ButtonLink>
            )}
            {data.for_prediction && (
              <>
                <May operation="create_prediction">
                  <ButtonLink
                    variant="default"
                    to={`${projectPath(projectId, "predictions")}?model=${encodeURIComponent(modelId)}`}
                  >
                    <Trans>Predict a dataset</Trans>
                  </ButtonLink>
                </May>
                <ButtonLink to={projectPath(projectId, "models", modelId, "evaluate")}>
                  <Trans>Evaluate</Trans>
                </ButtonLink>
              </>
            )}
          </Group>
        }
      />
      {own ? (
        <Group gap="xs">
          {data.origin !== "shipped" && (
            <ButtonLink variant="default" size="sm" to={projectPath(projectId, "models", modelId, "publish")}>
              <Trans>Publish in an exchange</Trans>
            </ButtonLink>
          )}
          <DeleteModel projectId={projectId} model={data} />
          {data.run_id && (
            <ButtonLink variant="default" size="sm" to={projectPath(projectId, "runs", data.run_id)}>
              <Trans>Show training</Trans>
            </ButtonLink>
          )}
        </Group>
      ) : (
        <Note
          tone="info"
          title={t`This model belongs to the project “${project}”`}
          action={
            <TextLink to={projectPath(data.project_id, "models", modelId)}>
              <Trans>Open it there</Trans>
            </TextLink>
          }
        >
          <Trans>
            You can use it here: predict, evaluate, and start trainings from it. What you make stays in this project.
            The model itself is changed and deleted in its own project.
          </Trans>
        </Note>
      )}
      <Lineage projectId={projectId} model={data} />
      {own && <ModelOffers projectId={projectId} model={data} />}
      <Beside said={data} />
      {tested && <CrossValidated evaluation={data.evaluation} />}
      {tested && <Results value={data.evaluation} />}
      {own && data.run_id && crossValidationOf(data.evaluation) && (
        <Mistakes projectId={projectId} runId={data.run_id} />
      )}
      <Routes report={data.routes} by="true" />
      {!tested && data.has_head && (
        <Note tone="warn" title={t`Not tested`}>
          {data.task === "regression"
            ? t`There are no test results for this model. Before you rely on it, evaluate it on recordings whose values are known.`
            : t`There are no test results for this model. Before you rely on it, evaluate it on recordings whose labels are known.`}
        </Note>
      )}
      {tested && (
        <Note tone="calm" title={t`How to read these results`}>
          {data.origin === "imported"
            ? t`These results came with the model and have not been verified here.`
            : crossValidationOf(data.evaluation)
              ? t`These results are cross-validated, on recordings of a single source.`
              : t`These results were measured once, on recordings that were not used for training but come from the same source.`}{" "}
          <Trans>The model may perform worse on recordings from another device, hospital or group of patients.</Trans>{" "}
          <Text span>
            <Trans>Before you rely on it, evaluate it on your own recordings with known labels.</Trans>
          </Text>
        </Note>
      )}
      {data.has_head && <DriftChecks projectId={projectId} modelId={modelId} />}
      <EvaluationsOfModel projectId={projectId} modelId={modelId} />
      <HowTrained projectId={projectId} model={data} />
      <ModelCard projectId={projectId} modelId={modelId} />
    </Stack>
  );
}
