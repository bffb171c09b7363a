import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Paper, Select, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { cancelLearningCurve, learningCurveQuery, startLearningCurve } from "@/api/learningCurves";
import type { ComparisonDetail, LearningCurve } from "@/api/types";
import { Icon } from "@/components/icons";
import { useMay } from "@/components/May";
import { Note, Problem } from "@/components/Note";
import { Loading, Section } from "@/components/Page";
import { WorkerBanner } from "@/components/WorkerBanner";
import { timeRange } from "@/lib/format";
import { LearningCurveChart } from "./LearningCurveChart";
import { LearningCurveTable } from "./LearningCurveTable";

const TITLES: Record<NonNullable<LearningCurve["verdict"]>, string> = {
  gain: t`More data is likely to help`,
  no_gain: t`No gain beyond chance seen from half to all`,
  loss: t`More data has not helped`,
  uncertain: t`Too uncertain to say`,
  withheld: t`Too few recordings to say`,
};

type Props = { projectId: string; comparison: ComparisonDetail };

/** What twice the data would bring the model that is recommended, or any other that is trained. */
export function MoreData({ projectId, comparison }: Props) {
  const { candidates, result } = comparison;
  const trained = candidates
    .map(({ title, job }, place) => ({ label: title, value: String(place), done: job?.status === "done" }))
    .filter(({ done }) => done);
  const [chosen, setChosen] = useState(String(result?.chosen ?? trained[0]?.value ?? 0));
  const place = Number(chosen);
  const curve = useQuery(learningCurveQuery(projectId, comparison.id, place));
  return (
    <Paper withBorder p="md">
      <Section title={t`How much would more data bring?`}>
        <Text size="sm" c="dimmed" maw={760}>
          <Trans>
            The model is trained once more with a quarter and with half of the patients it learned from, and tested on
            the same recordings. How its score grows says what twice the data might bring.
          </Trans>
        </Text>
        {trained.length > 1 && (
          <Select
            label={t`Model`}
            data={trained.map(({ label, value }) => ({ label, value }))}
            value={chosen}
            onChange={(value) => value && setChosen(value)}
            allowDeselect={false}
            maw={420}
          />
        )}
        {curve.isPending && <Loading label={t`Loading the learning curve`} />}
        <Problem error={curve.error} title={t`The learning curve cannot be shown`} />
        {curve.data && <Shown key={place} projectId={projectId} comparisonId={comparison.id} curve={curve.data} />}
      </Section>
    </Paper>
  );
}

function Shown({ projectId, comparisonId, curve }: { projectId: string; comparisonId: string; curve: LearningCurve }) {
  if (curve.status === "not_possible")
    return (
      <Note tone="warn" title={t`This cannot be found out here`}>
        {curve.why_not}
      </Note>
    );
  return (
    <>
      {curve.status === "running" && <WorkerBanner />}
      {curve.verdict && (
        <Note
          tone={curve.verdict === "gain" ? "good" : curve.verdict === "no_gain" ? "info" : "warn"}
          title={TITLES[curve.verdict]}
        >
          {curve.text.map((sentence) => (
            <p key={sentence} style={{ margin: "0 0 6px" }}>
              {sentence}
            </p>
          ))}
        </Note>
      )}
      {curve.verdict && <LearningCurveChart curve={curve} />}
      <LearningCurveTable projectId={projectId} curve={curve} />
      <Actions projectId={projectId} comparisonId={comparisonId} curve={curve} />
    </>
  );
}

function Actions({
  projectId,
  comparisonId,
  curve,
}: {
  projectId: string;
  comparisonId: string;
  curve: LearningCurve;
}) {
  const queries = useQueryClient();
  const may = useMay();
  const refresh = () => queries.invalidateQueries({ queryKey: ["project", projectId] });
  const start = useMutation({
    mutationFn: () => startLearningCurve(projectId, comparisonId, curve.place),
    onSettled: refresh,
  });
  const cancel = useMutation({
    mutationFn: () => cancelLearningCurve(projectId, comparisonId, curve.place),
    onSettled: refresh,
  });
  const time = timeRange(curve.seconds, curve.seconds);
  if (curve.status === "running")
    return (
      <Group gap="sm">
        {may("cancel_learning_curve", projectId) && (
          <Button
            variant="default"
            leftSection={<Icon name="stop" size={16} />}
            loading={cancel.isPending}
            onClick={() => cancel.mutate()}
          >
            <Trans>Cancel these trainings</Trans>
          </Button>
        )}
        <Problem error={cancel.error} />
      </Group>
    );
  if (curve.status === "done" || !may("start_learning_curve", projectId)) return null;
  return (
    <>
      <Problem error={start.error} title={t`The trainings could not be started`} />
      <Group gap="sm">
        <Button leftSection={<Icon name="play" size={16} />} loading={start.isPending} onClick={() => start.mutate()}>
          {curve.status === "incomplete" ? t`Train what is missing` : t`Find out`}
        </Button>
        {curve.status === "not_started" && (
          <Text size="sm">
            <Trans>The trainings take {time}.</Trans>
          </Text>
        )}
      </Group>
    </>
  );
}
