import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Group, Paper, Progress, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { evaluationsQuery, sideBySideQuery } from "@/api/evaluations";
import { isOver } from "@/api/jobs";
import type { ModelEvaluation } from "@/api/types";
import { Chip, StatusChip } from "@/components/Chip";
import { Problem } from "@/components/Note";
import { Section } from "@/components/Page";
import { dateTime, digitsOfShare, percent } from "@/lib/format";
import { projectPath } from "@/lib/paths";
import { withInterval } from "./estimate";
import { RULES } from "./OperatingPoints";
import { SideBySideTable } from "./SideBySideTable";

/** The evaluations of a model on datasets, and those side by side. */
export function EvaluationsOfModel({ projectId, modelId }: { projectId: string; modelId: string }) {
  const evaluations = useQuery(evaluationsQuery(projectId, modelId));
  const done = evaluations.data?.filter(({ job }) => job.status === "done").length ?? 0;
  const beside = useQuery({ ...sideBySideQuery(projectId, modelId), enabled: done > 1 });
  if (evaluations.data?.length === 0) return null;
  return (
    <Paper withBorder p="md">
      <Section title={t`Evaluations on datasets`}>
        <Problem error={evaluations.error ?? beside.error} title={t`The evaluations cannot be shown`} />
        <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: "none" }} aria-label={t`Evaluations`}>
          {evaluations.data?.map((one) => (
            <Row key={one.id} projectId={projectId} evaluation={one} />
          ))}
        </Stack>
        {beside.data && new Set(beside.data.evaluation_ids).size > 1 && <SideBySideTable found={beside.data} />}
      </Section>
    </Paper>
  );
}

function Row({ projectId, evaluation }: { projectId: string; evaluation: ModelEvaluation }) {
  const { job, headline } = evaluation;
  const auroc = headline?.macro_auroc;
  const f1 = headline?.macro_f1;
  const digits = digitsOfShare(headline?.n ?? 0);
  const r2 = headline?.macro_r2;
  const project = evaluation.dataset_project_name;
  return (
    <Stack component="li" gap={4}>
      <Group justify="space-between" gap="xs">
        <Link className="row-link" to={projectPath(projectId, "evaluations", evaluation.id)}>
          {evaluation.dataset_name}
          {evaluation.dataset_project_id !== projectId && ` ${t`in ${project}`}`}
        </Link>
        <Group gap="xs">
          {evaluation.settings.include_seen && (
            <Chip tone="warn" icon="alert">
              <Trans>seen recordings included</Trans>
            </Chip>
          )}
          {job.status !== "done" && <StatusChip status={job.status} />}
        </Group>
      </Group>
      {!isOver(job) && (
        <Progress.Root size="md">
          <Progress.Section value={100 * job.progress} color="clinic" aria-label={t`Progress of the evaluation`} />
        </Progress.Root>
      )}
      <Text size="sm" c="dimmed" className="numbers">
        {headline
          ? [
              `${plural(headline.n_patients, { one: "# patient", other: "# patients" })}, ${plural(headline.n, { one: "# recording", other: "# recordings" })}`,
              auroc && `AUROC ${withInterval(auroc, digits)}`,
              f1 && `F1 ${withInterval(f1, digits)}`,
              r2 && `R² ${withInterval(r2, 2)}`,
            ]
              .filter(Boolean)
              .join(" · ")
          : isOver(job)
            ? (job.error ?? t`no result`)
            : `${percent(job.progress)} · ${job.message || t`waiting to start`}`}{" "}
        · {[...chosenSettings(evaluation), dateTime(evaluation.created_at)].join(" · ")}
      </Text>
    </Stack>
  );
}

/** What was chosen, so that several evaluations on one dataset can be told apart. */
function chosenSettings({ settings, task, n_not_known }: ModelEvaluation): string[] {
  const prevalences = Object.entries(settings.prevalence ?? {}).map(
    ([label, share]) => `${label} ${percent(share, 1)}`,
  );
  const mapped = Object.entries(settings.label_map ?? {}).filter(([label, other]) => other && label !== other);
  const common = prevalences.join(", ");
  return [
    task === "multi_label" && thresholdsIn(settings.threshold_rule ?? "own"),
    common !== "" && t`prevalence of ${common}`,
    mapped.length > 0 && mapped.map(([label, other]) => t`${label} is “${other}”`).join(", "),
    n_not_known > 0 && t`not known whether seen`,
  ].filter((text) => text !== false);
}

function thresholdsIn(rule: string): string {
  if (rule === "half") return t`thresholds 0.5`;
  if (rule === "own") return t`the model’s own thresholds`;
  const chosenFor = RULES[rule] ?? rule;
  return t`thresholds for ${chosenFor}`;
}
