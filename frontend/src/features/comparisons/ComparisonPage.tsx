import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Paper, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { cancelComparison, comparisonQuery, resumeComparison } from "@/api/comparisons";
import type { ComparisonDetail } from "@/api/types";
import { AgainLink } from "@/components/AgainLink";
import { ButtonLink } from "@/components/ButtonLink";
import { CannotShow } from "@/components/CannotShow";
import { Icon } from "@/components/icons";
import { useMay } from "@/components/May";
import { Note, Problem } from "@/components/Note";
import { Loading, PageHead, Section } from "@/components/Page";
import { RemoveButton } from "@/components/RemoveButton";
import { SourceTable } from "@/components/SourceTable";
import { useParam, useProjectId } from "@/components/useProjectId";
import { WorkerBanner } from "@/components/WorkerBanner";
import { projectPath } from "@/lib/paths";
import { CandidateTable } from "./CandidateTable";
import { MoreData } from "./MoreData";

const TITLES = {
  best: t`One model is better than the others`,
  not_distinguishable: t`Not distinguishable`,
  withheld: t`Too few recordings to say`,
};

/** A comparison: how far it is, what it found, and what follows from it. */
export function ComparisonPage() {
  const projectId = useProjectId();
  const comparisonId = useParam("comparisonId");
  const comparison = useQuery(comparisonQuery(projectId, comparisonId));
  if (comparison.isPending) return <Loading lines={8} label={t`Loading comparison`} />;
  if (comparison.isError) return <CannotShow title={t`The comparison cannot be shown`} error={comparison.error} />;
  return <ComparisonView projectId={projectId} comparison={comparison.data} />;
}

export function ComparisonView({ projectId, comparison }: { projectId: string; comparison: ComparisonDetail }) {
  const { result, status } = comparison;
  const chosen = result?.chosen === null || result?.chosen === undefined ? null : comparison.candidates[result.chosen];
  return (
    <Stack gap="lg">
      <PageHead
        title={comparison.name}
        lead={leadOf(comparison)}
        actions={<Actions projectId={projectId} comparison={comparison} />}
      />
      {status === "running" && <WorkerBanner />}
      {result && (
        <Note
          tone={result.verdict === "best" ? "good" : result.verdict === "withheld" ? "warn" : "info"}
          title={TITLES[result.verdict]}
          action={
            chosen?.model_id && (
              <ButtonLink to={projectPath(projectId, "models", chosen.model_id)} size="sm">
                <Trans>Open the model</Trans>
              </ButtonLink>
            )
          }
        >
          {result.text.map((sentence) => (
            <p key={sentence} style={{ margin: "0 0 6px" }}>
              {sentence}
            </p>
          ))}
        </Note>
      )}
      {comparison.no_result && (
        <Note tone="warn" title={t`Nothing can be compared yet`}>
          {comparison.no_result}
        </Note>
      )}
      <Paper withBorder p="md">
        <Section title={t`Models`}>
          <CandidateTable projectId={projectId} comparison={comparison} />
          {result && (
            <Text size="sm" c="dimmed">
              {measuredOn(result)}
            </Text>
          )}
        </Section>
      </Paper>
      {result && result.sources.length > 0 && (
        <Paper withBorder p="md">
          <SourceTable
            by={comparison.folds_by}
            measure={result.measure}
            sources={result.sources}
            titles={comparison.candidates.filter(({ job }) => job?.status === "done").map(({ title }) => title)}
          />
        </Paper>
      )}
      {status !== "running" && comparison.candidates.some(({ job }) => job?.status === "done") && (
        <MoreData projectId={projectId} comparison={comparison} />
      )}
    </Stack>
  );
}

function leadOf({ dataset_name, folds, folds_by, repeats }: ComparisonDetail): string {
  if (folds_by !== "patient")
    return plural(folds, {
      one: `${dataset_name}: each recording is tested by models that have learned from other sources (# fold).`,
      other: `${dataset_name}: each recording is tested by models that have learned from other sources (# folds).`,
    });
  const [parts, times] = [
    plural(folds, { one: "# fold", other: "# folds" }),
    plural(repeats, { one: "# repeat", other: "# repeats" }),
  ];
  return t`${dataset_name}: each recording is tested by models that have not seen it or its patient (${parts}, ${times}).`;
}

function measuredOn({ n, n_patients: patients, labels }: NonNullable<ComparisonDetail["result"]>): string {
  const over = labels.join(", ");
  const text = t`Measured on the ${plural(n, { one: "# recording", other: "# recordings" })} of ${plural(patients, { one: "# patient", other: "# patients" })} that all models were tested on. The intervals hold for all pairs together, and count that models of different folds learned from nearly the same recordings.`;
  return over ? `${text} ${t`Mean over ${over}.`}` : text;
}

function Actions({ projectId, comparison }: { projectId: string; comparison: ComparisonDetail }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const may = useMay();
  const refresh = () => queries.invalidateQueries({ queryKey: ["project", projectId] });
  const cancel = useMutation({ mutationFn: () => cancelComparison(projectId, comparison.id), onSettled: refresh });
  const resume = useMutation({ mutationFn: () => resumeComparison(projectId, comparison.id), onSettled: refresh });
  if (comparison.status === "running") {
    if (!may("cancel_comparison", projectId)) return null;
    return (
      <>
        <Button
          variant="default"
          leftSection={<Icon name="stop" size={16} />}
          loading={cancel.isPending}
          disabled={cancel.isSuccess}
          onClick={() => cancel.mutate()}
        >
          {cancel.isSuccess ? t`Stopping …` : t`Cancel`}
        </Button>
        <Problem error={cancel.error} />
      </>
    );
  }
  return (
    <>
      {comparison.status === "incomplete" && may("resume_comparison", projectId) && (
        <Button
          variant="default"
          leftSection={<Icon name="again" size={16} />}
          loading={resume.isPending}
          onClick={() => resume.mutate()}
        >
          <Trans>Train the rest again</Trans>
        </Button>
      )}
      <AgainLink
        operation="create_comparison"
        to={`${projectPath(projectId, "comparisons", "new")}?again=${comparison.id}`}
      />
      <RemoveButton
        thing={{ kind: "comparison", projectId, id: comparison.id, name: comparison.name }}
        label={t`Delete`}
        onDone={() => navigate(projectPath(projectId, "comparisons"))}
      />
      <Problem error={resume.error} />
    </>
  );
}
