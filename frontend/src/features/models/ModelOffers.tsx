import { Paper, SimpleGrid, Stack, Switch } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { changeModel } from "@/api/models";
import type { Model, ModelPatch } from "@/api/types";
import { Facts } from "@/components/Facts";
import { Problem } from "@/components/Note";
import { Section } from "@/components/Page";
import { EditModel } from "./EditModel";
import { canFineTune } from "./words";

/** What a model is offered for, and under which terms. */
export function ModelOffers({ projectId, model }: { projectId: string; model: Model }) {
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: (patch: ModelPatch) => changeModel(projectId, model.id, patch),
    onSettled: () => queries.invalidateQueries({ queryKey: ["project", projectId] }),
  });
  // While it is being saved, a switch already stands where it was put.
  const shown = { ...model, ...(change.isPending && change.variables) };
  return (
    <Paper withBorder p="md">
      <Section title="Offer and terms" actions={<EditModel projectId={projectId} model={model} />}>
        <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
          <Stack gap="sm">
            <Switch
              label="Offer for prediction"
              description="It can be chosen where recordings are predicted."
              checked={shown.for_prediction === true}
              onChange={(event) => change.mutate({ for_prediction: event.currentTarget.checked })}
            />
            <Switch
              label="Offer for training"
              description={
                canFineTune(model)
                  ? "It can be chosen as what a training starts from."
                  : "It cannot be fine-tuned: only its results are known, not how it comes to them."
              }
              disabled={!canFineTune(model)}
              checked={shown.for_training === true}
              onChange={(event) => change.mutate({ for_training: event.currentTarget.checked })}
            />
            <Problem error={change.error} title="Not saved" />
          </Stack>
          <Facts
            facts={[
              ["Licence", model.licence || "not stated"],
              ["Intended use", model.intended_use || "not stated"],
            ]}
          />
        </SimpleGrid>
      </Section>
    </Paper>
  );
}
