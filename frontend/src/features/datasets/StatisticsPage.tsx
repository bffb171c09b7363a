import { SimpleGrid, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { datasetsQuery } from "@/api/datasets";
import { statisticsQuery } from "@/api/overview";
import { ButtonLink } from "@/components/ButtonLink";
import { CannotShow } from "@/components/CannotShow";
import { CountBars } from "@/components/CountBars";
import { CountedAt } from "@/components/CountedAt";
import { Loading, PageHead, Section } from "@/components/Page";
import { useParam, useProjectId } from "@/components/useProjectId";
import { count, hertz } from "@/lib/format";
import { projectPath } from "@/lib/paths";
import { listAddress, type RecordingList } from "@/lib/recordingList";
import { AgeBySex } from "./AgeBySex";
import { CoOccurrence } from "./CoOccurrence";

const SEXES: Record<string, string> = { F: "Female", M: "Male", "": "Not known" };

/** What the recordings of a label table are like; every number leads to the list of what it counts. */
export function StatisticsPage() {
  const projectId = useProjectId();
  const datasetId = useParam("datasetId");
  const found = useQuery(statisticsQuery(projectId, datasetId));
  const dataset = useQuery(datasetsQuery(projectId)).data?.find((one) => one.id === datasetId);
  if (found.isPending) return <Loading label="Loading statistics" />;
  if (found.isError) return <CannotShow title="The statistics cannot be shown" error={found.error} />;
  const { data } = found;
  const of = (list: RecordingList) =>
    `${projectPath(projectId, "recordings")}${listAddress({ dataset_id: datasetId, ...list })}`;
  const total = data.n_recordings;
  return (
    <Stack gap="xl">
      <PageHead
        title={dataset?.name ?? "Statistics"}
        lead={`${count(total, "recording")} of ${count(data.n_patients, "patient")}. Each number leads to the recordings it counts.`}
        actions={
          <ButtonLink to={of({})} variant="default">
            Show the recordings
          </ButtonLink>
        }
      />
      <CountedAt at={data.counted_at} />
      {data.labels.length > 0 && (
        <Section title="Labels">
          <CountBars
            name="Labels"
            total={total}
            rows={data.labels.map(({ value, n }) => ({ key: value, text: value, n, to: of({ label: value }) }))}
          />
          {data.n_unlabelled > 0 && (
            <Text size="sm">
              {count(data.n_unlabelled, "recording has a row", "recordings have rows")} without any label.
            </Text>
          )}
        </Section>
      )}
      {data.pairs.length > 0 && <CoOccurrence statistics={data} to={of} />}
      <AgeBySex statistics={data} to={of} />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl">
        <Section title="Sex">
          <CountBars
            name="Sex"
            total={total}
            rows={data.sex.map(({ value, n }) => ({
              key: value,
              text: SEXES[value] ?? value,
              n,
              to: value ? of({ sex: value }) : undefined,
            }))}
          />
        </Section>
        <Section title="Signal quality">
          <CountBars
            name="Signal quality"
            total={total}
            rows={[
              { key: "good", text: "Good", n: data.n_good, to: of({ quality: "good" }) },
              { key: "doubtful", text: "Doubtful", n: data.n_doubtful, to: of({ quality: "doubtful" }) },
              ...data.finding.map(({ value, n }) => ({
                key: `finding ${value}`,
                text: `Finding: ${value.replaceAll("_", " ")}`,
                n,
                to: of({ finding: value }),
              })),
            ]}
          />
        </Section>
        <Section title="Device">
          <CountBars
            name="Device"
            total={total}
            rows={data.device.map(({ value, n }) => ({
              key: value,
              text: value || "Not known",
              n,
              to: value ? of({ device: value }) : undefined,
            }))}
          />
        </Section>
        <Section title="Sampling rate and format">
          <CountBars
            name="Sampling rate"
            total={total}
            rows={data.rate.map(({ hz, n }) => ({
              key: String(hz),
              text: hertz(hz),
              n,
              to: of({ rate: String(hz) }),
            }))}
          />
          <CountBars
            name="Format"
            total={total}
            rows={data.format.map(({ value, n }) => ({ key: value, text: value, n, to: of({ format: value }) }))}
          />
        </Section>
      </SimpleGrid>
    </Stack>
  );
}
