import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Paper, Select, Stack } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { datasetsQuery } from "@/api/datasets";
import { createPrediction } from "@/api/predictions";
import type { Model } from "@/api/types";
import { Icon } from "@/components/icons";
import { modelOptions } from "@/components/modelOptions";
import { Problem } from "@/components/Note";
import { Section } from "@/components/Page";
import { projectPath } from "@/lib/paths";

const ALL = "all";

/** Chooses a model and recordings. */
export function StartPrediction({ projectId, models }: { projectId: string; models: readonly Model[] }) {
  const [params] = useSearchParams();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const datasets = useQuery(datasetsQuery(projectId));
  const named = params.get("model");
  // No other model in the place of one that was named and is not offered any more.
  const wanted = named ? models.find((model) => model.id === named) : models[0];
  const [modelId, setModelId] = useState(wanted?.id ?? "");
  const [target, setTarget] = useState(params.get("dataset") ?? ALL);
  // What the address names may be deleted by now.
  const chosen = datasets.data && !datasets.data.some(({ id }) => id === target) ? ALL : target;
  const start = useMutation({
    mutationFn: () => createPrediction(projectId, modelId, chosen === ALL ? null : chosen),
    onSuccess: (prediction) => {
      void queries.invalidateQueries({ queryKey: ["project", projectId] });
      navigate(projectPath(projectId, "predictions", prediction.id));
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    start.mutate();
  };
  const targets = [
    { value: ALL, label: t`All recordings of the project` },
    ...(datasets.data ?? []).map(({ id, name }) => ({ value: id, label: t`Labelled by “${name}”` })),
  ];
  return (
    <Paper withBorder p="md">
      <Section title={t`New prediction`}>
        <form onSubmit={submit}>
          <Stack gap="sm">
            <Group align="flex-end" gap="sm">
              <Select
                label={t`Model`}
                data={modelOptions(models, projectId)}
                value={modelId || null}
                allowDeselect={false}
                onChange={(id) => id && setModelId(id)}
                style={{ flex: "1 1 220px" }}
              />
              <Select
                label={t`Recordings`}
                data={targets}
                value={chosen}
                allowDeselect={false}
                onChange={(id) => id && setTarget(id)}
                style={{ flex: "1 1 220px" }}
              />
              <Button
                type="submit"
                loading={start.isPending}
                disabled={modelId === ""}
                leftSection={<Icon name="play" />}
              >
                <Trans>Start prediction</Trans>
              </Button>
            </Group>
            <Problem error={start.error} title={t`The prediction could not be started`} />
          </Stack>
        </form>
      </Section>
    </Paper>
  );
}
