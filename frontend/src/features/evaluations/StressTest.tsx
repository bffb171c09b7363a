import { t } from "@lingui/core/macro";
import { Plural, Trans } from "@lingui/react/macro";
import { Button, Paper, SimpleGrid, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { isOver } from "@/api/jobs";
import { createStressTest, stressTestQuery } from "@/api/stressTests";
import type { StressResult } from "@/api/types";
import { Icon } from "@/components/icons";
import { useMay } from "@/components/May";
import { Problem } from "@/components/Note";
import { Section } from "@/components/Page";
import { JobProgress } from "@/features/jobs/JobProgress";
import { StressCurveChart } from "./StressCurveChart";

/** How a model stands the ECGs of an evaluation when these are made worse: asked for, followed, and drawn. */
export function StressTest({ projectId, evaluationId }: { projectId: string; evaluationId: string }) {
  const queries = useQueryClient();
  const may = useMay();
  const query = stressTestQuery(projectId, evaluationId);
  const test = useQuery(query);
  const start = useMutation({
    mutationFn: () => createStressTest(projectId, evaluationId),
    onSuccess: (made) => queries.setQueryData(query.queryKey, made),
  });
  const going = test.data && !isOver(test.data.job);
  return (
    <Paper withBorder p="md">
      <Section
        title={t`How does it stand worse ECGs?`}
        actions={
          test.isSuccess &&
          may("create_stress_test", projectId) &&
          !going && (
            <Button
              variant="default"
              size="sm"
              loading={start.isPending}
              leftSection={<Icon name="play" size={16} />}
              onClick={() => start.mutate()}
            >
              {test.data ? t`Test again` : t`Start stress test`}
            </Button>
          )
        }
      >
        <Text size="sm" c="dimmed">
          <Trans>
            The same ECGs with baseline wander, muscle noise, mains hum, leads off, arm electrodes interchanged, another
            gain and a lower rate, each in four steps.
          </Trans>
        </Text>
        <Problem error={start.error} title={t`The stress test could not be started`} />
        <Problem error={test.error} title={t`The stress test cannot be shown`} />
        {test.data && !(test.data.result && test.data.job.status === "done") && (
          <JobProgress owner={projectId} job={test.data.job} label={t`Progress of the stress test`} />
        )}
        {test.data?.result && <Curves result={test.data.result} />}
      </Section>
    </Paper>
  );
}

function Curves({ result }: { result: StressResult }) {
  const name = result.measure === "macro_r2" ? t`R², mean over values` : t`AUROC, mean over labels`;
  const { n, n_patients: nPatients } = result;
  const values = [result.unchanged, ...result.curves.flatMap(({ points }) => points)].map(
    ({ score }) => score.low ?? score.value ?? 1,
  );
  const low = Math.min(0.5, Math.floor(10 * Math.min(...values)) / 10);
  return (
    <Stack gap="md">
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
        {result.curves.map((curve) => (
          <StressCurveChart key={curve.kind} curve={curve} unchanged={result.unchanged} name={name} low={low} />
        ))}
      </SimpleGrid>
      <Text size="sm" c="dimmed">
        <Trans>
          {name}, on <Plural value={n} one="# ECG" other="# ECGs" /> of{" "}
          <Plural value={nPatients} one="# patient" other="# patients" />. Lines through the points are 95 % intervals;
          patients are taken as independent.
        </Trans>
      </Text>
    </Stack>
  );
}
