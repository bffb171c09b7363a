import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, MultiSelect, Paper, Select, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useNavigate } from "react-router";
import { createRun } from "@/api/runs";
import type { Dataset, Run } from "@/api/types";
import { Icon } from "@/components/icons";
import { Notes, Problem } from "@/components/Note";
import { region } from "@/language/language";
import { projectPath } from "@/lib/paths";
import { AdvancedSettings } from "./AdvancedSettings";
import { ArchitectureChoice } from "./ArchitectureChoice";
import { formOf } from "./again";
import { EstimateNote, useEstimate } from "./EstimateNote";
import {
  basesOf,
  type Choices,
  chosenIn,
  initialForm,
  type RunForm,
  shownSettings,
  testedLike,
  toRequest,
} from "./form";
import { FixedPreprocessing, PreprocessingChoice } from "./PreprocessingChoice";
import { SplitChoice } from "./SplitChoice";
import { StartAdvice } from "./StartAdvice";
import { StartFrom } from "./StartFrom";

type Props = Choices & { projectId: string; baseId?: string | null; again?: Run };

/** The form of a new training; what the platform objects to stands beside its button. */
export function RunFormView({ projectId, baseId = null, again, ...choices }: Props) {
  const { datasets, system, models } = choices;
  const [{ form: filled, lost }] = useState(() =>
    again ? formOf(again, choices) : { form: initialForm(choices, baseId), lost: [] },
  );
  const [form, setForm] = useState(filled);
  const navigate = useNavigate();
  const queries = useQueryClient();
  const request = toRequest(form, choices);
  const estimate = useEstimate(projectId, request);
  const start = useMutation({
    mutationFn: () => createRun(projectId, request),
    onSuccess: (run) => {
      void queries.invalidateQueries({ queryKey: ["project", projectId] });
      navigate(projectPath(projectId, "runs", run.id));
    },
  });
  const change = (part: Partial<RunForm>) => {
    start.reset();
    setForm((form) => ({ ...form, ...part }));
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    start.mutate();
  };
  const { dataset, base, architecture } = chosenIn(form, choices);
  const baseArchitecture = architecture?.title ?? t`unknown (an imported ONNX graph)`;
  const regression = dataset?.task === "regression";
  const chooseDataset = (id: string | null) => {
    const next = datasets.find((candidate) => candidate.id === id);
    if (next) change({ datasetId: next.id, labels: [], ...testedLike(next) });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="lg">
        <Notes notes={lost} title={t`Not everything can be as it was`} />
        <Paper withBorder p="md">
          <Stack>
            <Select
              label={t`Label table`}
              description={dataset && summaryOf(dataset)}
              data={datasets.map(({ id, name }) => ({ value: id, label: name }))}
              value={form.datasetId}
              allowDeselect={false}
              onChange={chooseDataset}
            />
            {dataset && dataset.labels.length > (regression ? 1 : 2) && (
              <MultiSelect
                label={regression ? t`Values to estimate` : t`Labels to predict`}
                description={regression ? t`Leave empty for all values.` : t`Leave empty for all labels.`}
                placeholder={form.labels.length === 0 ? (regression ? t`All values` : t`All labels`) : undefined}
                data={dataset.labels}
                value={form.labels}
                onChange={(labels) => change({ labels })}
                searchable
                clearable
                clearButtonProps={{ "aria-label": regression ? t`Use all values` : t`Use all labels` }}
              />
            )}
            <TextInput
              label={t`Name (optional)`}
              placeholder={base ? t`Base model and label table` : t`Architecture and label table`}
              maxLength={200}
              value={form.name}
              onChange={(event) => change({ name: event.currentTarget.value })}
            />
          </Stack>
        </Paper>
        <Paper withBorder p="md">
          <Stack>
            <StartFrom
              projectId={projectId}
              bases={basesOf(models)}
              base={base}
              system={system}
              method={form.method}
              regression={regression}
              onChange={change}
            />
            {dataset && !regression && (
              <StartAdvice projectId={projectId} bases={basesOf(models)} n={dataset.n_matched - dataset.n_partial} />
            )}
            {base ? (
              <>
                <div>
                  <Text size="sm" fw={600}>
                    <Trans>Architecture</Trans>
                  </Text>
                  <Text size="sm" c="dimmed">
                    <Trans>Same as the base model: {baseArchitecture}.</Trans>
                  </Text>
                </div>
                <FixedPreprocessing
                  presets={system.presets}
                  value={(base.spec.preprocessing ?? {}) as Record<string, unknown>}
                  why={t`Same as the base model.`}
                />
              </>
            ) : (
              <>
                <ArchitectureChoice
                  architectures={system.architectures}
                  value={form.architecture}
                  onChange={(name) => change({ architecture: name, options: {}, preset: null, custom: null })}
                />
                <PreprocessingChoice
                  presets={system.presets}
                  usual={architecture?.preprocessing}
                  value={form.preset}
                  custom={form.custom}
                  onChange={(preset) => change({ preset, custom: null })}
                />
              </>
            )}
          </Stack>
        </Paper>
        <Paper withBorder p="md">
          <SplitChoice
            projectId={projectId}
            dataset={dataset}
            form={form}
            how={estimate.data?.how_tested}
            onChange={change}
          />
        </Paper>
        <AdvancedSettings
          form={form}
          settings={shownSettings(form, choices)}
          architecture={base ? undefined : architecture}
          onChange={change}
        />
        <Problem error={start.error} title={t`The training could not be started`} />
        <Group gap="lg" align="flex-start">
          <Button type="submit" size="md" loading={start.isPending} leftSection={<Icon name="play" />}>
            <Trans>Start training</Trans>
          </Button>
          <div style={{ flex: "1 1 300px", minWidth: 0 }}>
            <EstimateNote estimate={estimate} />
          </div>
        </Group>
      </Stack>
    </form>
  );
}

function summaryOf({ n_matched, n_partial, labels, task }: Dataset): string {
  const regression = task === "regression";
  const n = n_matched - n_partial;
  const whole = regression
    ? plural(n, { one: "# recording with values", other: "# recordings with values" })
    : plural(n, { one: "# recording with labels", other: "# recordings with labels" });
  const partial = n_partial.toLocaleString(region());
  const recordings = n_partial > 0 ? t`${whole} (${partial} more lack leads and are left out)` : whole;
  const named = `${labels.slice(0, 6).join(", ")}${labels.length > 6 ? " …" : ""}`;
  return regression
    ? t`${recordings}: ${named}. The model learns to estimate these values (regression).`
    : `${recordings}: ${named}`;
}
