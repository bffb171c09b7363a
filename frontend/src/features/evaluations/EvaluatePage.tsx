import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Checkbox, Group, Paper, Select, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { datasetsQuery } from "@/api/datasets";
import { createEvaluation, evaluationQuery } from "@/api/evaluations";
import { modelQuery } from "@/api/models";
import { projectsQuery } from "@/api/projects";
import type { Model, ModelEvaluationDetail } from "@/api/types";
import { useFresh } from "@/api/useFresh";
import { TextLink } from "@/components/ButtonLink";
import { CannotShow } from "@/components/CannotShow";
import { Icon } from "@/components/icons";
import { Note, Problem } from "@/components/Note";
import { Loading, PageHead, Section } from "@/components/Page";
import { useParam, useProjectId } from "@/components/useProjectId";
import { projectPath } from "@/lib/paths";
import { ChooseModel } from "./ChooseModel";
import { MapLabels, sameLabel } from "./MapLabels";
import { type Rule, ThresholdRule } from "./ThresholdRule";

/** Chooses on which dataset, of this or another project, a model is evaluated. */
export function EvaluatePage() {
  const projectId = useProjectId();
  const modelId = useParam("modelId");
  const model = useQuery(modelQuery(projectId, modelId));
  const againId = useSearchParams()[0].get("again");
  const again = useQuery({ ...evaluationQuery(projectId, againId ?? ""), enabled: againId !== null });
  if (model.isPending || again.isLoading) return <Loading lines={8} label={t`Loading model`} />;
  if (model.isError) return <CannotShow title={t`The model cannot be shown`} error={model.error} />;
  const { name } = model.data;
  return (
    <Stack gap="lg">
      <PageHead
        title={t`Evaluate ${name}`}
        lead={t`Compare what the model predicts with known labels, on recordings that it has never seen.`}
      />
      <ChooseModel projectId={projectId} model={model.data} />
      <Problem error={again.error} title={t`The earlier evaluation cannot be shown`} />
      {model.data.for_prediction ? (
        <EvaluateForm key={modelId} projectId={projectId} model={model.data} again={again.data} />
      ) : (
        <Note tone="warn" title={t`The model is not available for prediction`}>
          <Trans>
            <TextLink to={projectPath(projectId, "models", modelId)}>Make it available</TextLink> before you evaluate
            it.
          </Trans>
        </Note>
      )}
    </Stack>
  );
}

type Props = { projectId: string; model: Model /** An evaluation that is run again. */; again?: ModelEvaluationDetail };

function EvaluateForm({ projectId, model, again }: Props) {
  const [params, setParams] = useSearchParams();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const projects = useQuery(projectsQuery());
  const chosenProject = params.get("project") ?? projectId;
  const datasets = useFresh(datasetsQuery(chosenProject));
  const named = params.get("dataset");
  const found = datasets.data?.find(({ id }) => id === named);
  // No other table in the place of one that is gone.
  const dataset = found ?? (again ? undefined : datasets.data?.[0]);
  const [includeSeen, setIncludeSeen] = useState(again?.settings.include_seen ?? false);
  const [rule, setRule] = useState<Rule>(again?.settings.threshold_rule ?? "own");
  const [mapped, setMapped] = useState<Record<string, string>>(again?.settings.label_map ?? {});
  const choose = (project: string, wanted: string | null) => {
    setMapped({});
    setParams(wanted ? { project, dataset: wanted } : { project }, { replace: true });
  };
  const start = useMutation({
    mutationFn: () =>
      createEvaluation(projectId, {
        model_id: model.id,
        dataset_id: dataset?.id ?? "",
        dataset_project_id: chosenProject,
        include_seen: includeSeen,
        threshold_rule: rule,
        label_map: mapped,
        prevalence: again?.settings.prevalence ?? {},
      }),
    onSuccess: (evaluation) => {
      void queries.invalidateQueries({ queryKey: ["project", projectId, "evaluations"] });
      navigate(projectPath(projectId, "evaluations", evaluation.id));
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    start.mutate();
  };
  const shared = dataset ? model.labels.filter((label) => mapped[label] ?? sameLabel(label, dataset.labels)) : [];
  const missing = model.labels.filter((label) => !shared.includes(label));
  const regression = model.task === "regression";
  const [nKnown, nAll] = [shared.length, model.labels.length];
  const [only = ""] = shared;
  const notEvaluated = missing.join(", ");
  return (
    <Paper withBorder p="md">
      <form onSubmit={submit}>
        <Stack gap="lg">
          <Section title={t`Labelled recordings`}>
            <Group align="flex-end" gap="sm">
              <Select
                label={t`Project`}
                data={(projects.data ?? []).map(({ id, name }) => ({
                  value: id,
                  label: id === projectId ? t`${name} (this project)` : name,
                }))}
                value={chosenProject}
                allowDeselect={false}
                onChange={(id) => id && choose(id, null)}
                style={{ flex: "1 1 220px" }}
              />
              <Select
                label={t`Label table`}
                data={(datasets.data ?? []).map(({ id, name, n_matched }) => ({
                  value: id,
                  label: t`${name} (${plural(n_matched, { one: "# recording", other: "# recordings" })})`,
                }))}
                value={dataset?.id ?? null}
                allowDeselect={false}
                placeholder={t`No label table`}
                onChange={(id) => id && choose(chosenProject, id)}
                style={{ flex: "1 1 260px" }}
              />
            </Group>
            {again && datasets.data && !dataset && (
              <Note tone="warn" title={t`Not everything can be as it was`}>
                <Trans>
                  The label table “{{ name: again.dataset_name }}” is not there any more. Choose another one.
                </Trans>
              </Note>
            )}
            {datasets.data?.length === 0 && (
              <Note tone="info" title={t`This project has no label table`}>
                <Trans>
                  <TextLink to={projectPath(chosenProject, "labels")}>Attach one</TextLink>, or choose another project.
                </Trans>
              </Note>
            )}
            <Problem error={projects.error ?? datasets.error} />
          </Section>
          {dataset && <MapLabels model={model} dataset={dataset} mapped={mapped} onChange={setMapped} />}
          {missing.length > 0 && shared.length > 0 && (
            <Note
              tone="warn"
              title={
                regression
                  ? t`The table knows only ${nKnown} of the model’s ${nAll} values`
                  : t`The table knows only ${nKnown} of the model’s ${nAll} labels`
              }
            >
              <Trans>Not evaluated: {notEvaluated}.</Trans>
              {nKnown === 1 &&
                !regression &&
                ` ${t`If every recording of the table has ${only}, nothing can be said of telling it from others.`}`}
            </Note>
          )}
          {model.task === "multi_label" && <ThresholdRule model={model} rule={rule} onChange={setRule} />}
          <Checkbox
            label={t`Include recordings that the model has seen in training`}
            description={t`The results will then be too good. Leave this off to learn how the model does on new patients.`}
            checked={includeSeen}
            onChange={(event) => setIncludeSeen(event.currentTarget.checked)}
          />
          <Problem error={start.error} title={t`The evaluation could not be started`} />
          <Group gap="sm">
            <Button
              type="submit"
              loading={start.isPending}
              disabled={!dataset || shared.length === 0}
              leftSection={<Icon name="play" />}
            >
              <Trans>Start evaluation</Trans>
            </Button>
            {dataset && shared.length === 0 && (
              <Text size="sm">
                <Trans>No label of the model is in this table.</Trans>
              </Text>
            )}
          </Group>
        </Stack>
      </form>
    </Paper>
  );
}
