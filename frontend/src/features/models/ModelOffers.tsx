import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Paper, SimpleGrid, Stack, Switch } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { changeModel } from "@/api/models";
import type { Model, ModelPatch } from "@/api/types";
import { Facts } from "@/components/Facts";
import { useMay, WhyNot } from "@/components/May";
import { Problem } from "@/components/Note";
import { Section } from "@/components/Page";
import { EditModel } from "./EditModel";
import { canFineTune } from "./traits";

/** What a model is offered for, and under which terms. */
export function ModelOffers({ projectId, model }: { projectId: string; model: Model }) {
  const queries = useQueryClient();
  // While it is being saved, a switch already stands where it was put: also the one that was put before it.
  const [unsaved, setUnsaved] = useState<ModelPatch>({});
  const change = useMutation({
    mutationFn: (patch: ModelPatch) => changeModel(projectId, model.id, patch),
    onSettled: async (_model, _error, patch) => {
      await queries.invalidateQueries({ queryKey: ["project", projectId] });
      setUnsaved((all) => Object.fromEntries(Object.entries(all).filter(([name]) => !(name in patch))));
    },
  });
  const put = (patch: ModelPatch) => {
    setUnsaved((all) => ({ ...all, ...patch }));
    change.mutate(patch);
  };
  const shown = { ...model, ...unsaved };
  const changes = useMay()("update_model", projectId);
  return (
    <Paper withBorder p="md">
      <Section
        title={t`Availability and licence`}
        actions={changes && <EditModel projectId={projectId} model={model} />}
      >
        <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
          <Stack gap="sm">
            <Switch
              label={t`Available for prediction`}
              description={t`The model can be chosen to predict recordings.`}
              disabled={!changes}
              checked={shown.for_prediction === true}
              onChange={(event) => put({ for_prediction: event.currentTarget.checked })}
            />
            <Switch
              label={t`Available for fine-tuning`}
              description={
                canFineTune(model)
                  ? t`A training can start from this model.`
                  : t`Not possible: this model gives results, but its weights cannot be trained.`
              }
              disabled={!changes || !canFineTune(model)}
              checked={shown.for_training === true}
              onChange={(event) => put({ for_training: event.currentTarget.checked })}
            />
            {!changes && (
              <WhyNot operation="update_model" projectId={projectId}>
                <Trans>You cannot change this.</Trans>
              </WhyNot>
            )}
            <Problem error={change.error} title={t`Not saved`} />
          </Stack>
          <Facts
            facts={[
              [t`Licence`, model.licence || t`not stated`],
              [t`Intended use`, model.intended_use || t`not stated`],
            ]}
          />
        </SimpleGrid>
      </Section>
    </Paper>
  );
}
