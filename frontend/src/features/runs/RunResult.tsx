import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { modelQuery } from "@/api/models";
import { ButtonLink } from "@/components/ButtonLink";
import { CrossValidated, crossValidationOf } from "@/components/CrossValidated";
import { Note } from "@/components/Note";
import { asEvaluation } from "@/features/evaluations/evaluation";
import { Reliability } from "@/features/evaluations/Reliability";
import { hasResults, ResultsInShort } from "@/features/evaluations/Results";
import { Routes } from "@/features/evaluations/Routes";
import { projectPath } from "@/lib/paths";

/** What came of a training: the numbers that say most, and the way to the model. */
export function RunResult({ projectId, modelId }: { projectId: string; modelId: string }) {
  const model = useQuery(modelQuery(projectId, modelId));
  const labels = asEvaluation(model.data?.evaluation);
  return (
    <Stack gap="sm">
      <Note
        tone="good"
        title={t`The model is ready`}
        action={
          <ButtonLink size="sm" to={projectPath(projectId, "models", modelId)}>
            <Trans>Open the model</Trans>
          </ButtonLink>
        }
      >
        {crossValidationOf(model.data?.evaluation)
          ? t`Each recording was tested by a model that had not seen it. Open the model for all results.`
          : t`It was tested on recordings that were not used for training. Open it for all results.`}
      </Note>
      <CrossValidated evaluation={model.data?.evaluation} />
      {hasResults(model.data?.evaluation) && <ResultsInShort value={model.data?.evaluation} />}
      {labels && <Reliability evaluation={labels} />}
      <Routes report={model.data?.routes} by="true" />
    </Stack>
  );
}
