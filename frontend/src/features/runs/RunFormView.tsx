import {
  Accordion,
  Button,
  Group,
  MultiSelect,
  Paper,
  Select,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useNavigate } from "react-router";
import { createRun } from "@/api/runs";
import type { Dataset, System } from "@/api/types";
import { Icon } from "@/components/icons";
import { Problem } from "@/components/Note";
import { count } from "@/lib/format";
import { projectPath } from "@/lib/paths";
import { flatten, initialForm, type RunForm, toRequest } from "./form";
import { PreprocessingChoice } from "./PreprocessingChoice";
import { SettingInput } from "./SettingInput";
import { SplitChoice } from "./SplitChoice";

type Props = { projectId: string; datasets: readonly Dataset[]; system: System };

/** The form of a new training; what the platform objects to stands beside its button. */
export function RunFormView({ projectId, datasets, system }: Props) {
  const [form, setForm] = useState(() => initialForm(datasets, system));
  const navigate = useNavigate();
  const queries = useQueryClient();
  const start = useMutation({
    mutationFn: () => createRun(projectId, toRequest(form)),
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
  const dataset = datasets.find(({ id }) => id === form.datasetId);
  const architecture = system.architectures.find(({ name }) => name === form.architecture);
  const defaults = flatten(system.training_defaults);
  const chooseDataset = (id: string | null) => {
    const next = datasets.find((candidate) => candidate.id === id);
    if (next) change({ datasetId: next.id, labels: [], splitKind: next.split_column ? "column" : "random" });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="lg">
        <Paper withBorder p="md">
          <Stack>
            <Select
              label="Label table"
              description={
                dataset &&
                `${count(dataset.n_matched - dataset.n_partial, "recording")} with labels${dataset.n_partial > 0 ? ` (${dataset.n_partial} more lack leads and are left out)` : ""}: ${dataset.labels.slice(0, 6).join(", ")}${dataset.labels.length > 6 ? " …" : ""}`
              }
              data={datasets.map(({ id, name }) => ({ value: id, label: name }))}
              value={form.datasetId}
              allowDeselect={false}
              onChange={chooseDataset}
            />
            {dataset && dataset.labels.length > 2 && (
              <MultiSelect
                label="Labels to learn"
                description="Leave empty to learn all of them."
                placeholder={form.labels.length === 0 ? "All labels" : undefined}
                data={dataset.labels}
                value={form.labels}
                onChange={(labels) => change({ labels })}
                searchable
                clearable
                clearButtonProps={{ "aria-label": "Learn all labels" }}
              />
            )}
            <TextInput
              label="Name (optional)"
              placeholder="Architecture and label table"
              maxLength={200}
              value={form.name}
              onChange={(event) => change({ name: event.currentTarget.value })}
            />
          </Stack>
        </Paper>
        <Paper withBorder p="md">
          <Stack>
            <PreprocessingChoice
              presets={system.presets}
              value={form.preset}
              onChange={(preset) => change({ preset })}
            />
            <SplitChoice dataset={dataset} form={form} onChange={change} />
            <Select
              label="Network"
              description={architecture && `${architecture.description} ${architecture.reference}`}
              data={system.architectures.map(({ name, title }) => ({ value: name, label: title }))}
              value={form.architecture}
              allowDeselect={false}
              onChange={(name) => name && change({ architecture: name })}
            />
          </Stack>
        </Paper>
        <Accordion variant="contained" chevronPosition="left">
          <Accordion.Item value="advanced">
            <Accordion.Control>Advanced settings</Accordion.Control>
            <Accordion.Panel>
              <Text size="sm" c="dimmed" mb="md">
                An empty field means that the platform finds the value from your data.
              </Text>
              <SimpleGrid cols={{ base: 1, sm: 2 }}>
                {defaults.map(([path, usual]) => (
                  <SettingInput
                    key={path}
                    path={path}
                    usual={usual}
                    value={path in form.training ? (form.training[path] ?? null) : usual}
                    onChange={(value) => change({ training: { ...form.training, [path]: value } })}
                  />
                ))}
              </SimpleGrid>
            </Accordion.Panel>
          </Accordion.Item>
        </Accordion>
        <Problem error={start.error} title="The training was not started" />
        <Group>
          <Button type="submit" size="md" loading={start.isPending} leftSection={<Icon name="play" />}>
            Start training
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
