import { plural, t } from "@lingui/core/macro";
import { Plural, Trans } from "@lingui/react/macro";
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
import { hertz } from "@/lib/format";
import { projectPath } from "@/lib/paths";
import { listAddress, type RecordingList } from "@/lib/recordingList";
import { AgeBySex } from "./AgeBySex";
import { CoOccurrence } from "./CoOccurrence";

const SEXES: Record<string, string> = { F: t`Female`, M: t`Male`, "": t`Not known` };

/** What the recordings of a label table are like; every number leads to the list of what it counts. */
export function StatisticsPage() {
  const projectId = useProjectId();
  const datasetId = useParam("datasetId");
  const found = useQuery(statisticsQuery(projectId, datasetId));
  const dataset = useQuery(datasetsQuery(projectId)).data?.find((one) => one.id === datasetId);
  if (found.isPending) return <Loading label={t`Loading statistics`} />;
  if (found.isError) return <CannotShow title={t`The statistics cannot be shown`} error={found.error} />;
  const { data } = found;
  const of = (list: RecordingList) =>
    `${projectPath(projectId, "recordings")}${listAddress({ dataset_id: datasetId, ...list })}`;
  const total = data.n_recordings;
  return (
    <Stack gap="xl">
      <PageHead
        title={dataset?.name ?? t`Statistics`}
        lead={t`${plural(total, { one: "# recording", other: "# recordings" })} of ${plural(data.n_patients, {
          one: "# patient",
          other: "# patients",
        })}. Each number leads to the recordings it counts.`}
        actions={
          <ButtonLink to={of({})} variant="default">
            <Trans>Show the recordings</Trans>
          </ButtonLink>
        }
      />
      <CountedAt at={data.counted_at} />
      {data.labels.length > 0 && (
        <Section title={t`Labels`}>
          <CountBars
            name={t`Labels`}
            total={total}
            rows={data.labels.map(({ value, n }) => ({ key: value, text: value, n, to: of({ label: value }) }))}
          />
          {data.n_unlabelled > 0 && (
            <Text size="sm">
              <Plural
                value={data.n_unlabelled}
                one="# recording has a row without any label."
                other="# recordings have rows without any label."
              />
            </Text>
          )}
        </Section>
      )}
      {data.pairs.length > 0 && <CoOccurrence statistics={data} to={of} />}
      <AgeBySex statistics={data} to={of} />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl">
        <Section title={t`Sex`}>
          <CountBars
            name={t`Sex`}
            total={total}
            rows={data.sex.map(({ value, n }) => ({
              key: value,
              text: SEXES[value] ?? value,
              n,
              to: value ? of({ sex: value }) : undefined,
            }))}
          />
        </Section>
        <Section title={t`Signal quality`}>
          <CountBars
            name={t`Signal quality`}
            total={total}
            rows={[
              { key: "good", text: t`Good`, n: data.n_good, to: of({ quality: "good" }) },
              { key: "doubtful", text: t`Doubtful`, n: data.n_doubtful, to: of({ quality: "doubtful" }) },
              ...data.finding.map(({ value, n }) => ({
                key: `finding ${value}`,
                text: t`Finding: ${{ finding: value.replaceAll("_", " ") }}`,
                n,
                to: of({ finding: value }),
              })),
            ]}
          />
        </Section>
        <Section title={t`Device`}>
          <CountBars
            name={t`Device`}
            total={total}
            rows={data.device.map(({ value, n }) => ({
              key: value,
              text: value || t`Not known`,
              n,
              to: value ? of({ device: value }) : undefined,
            }))}
          />
        </Section>
        <Section title={t`Sampling rate and format`}>
          <CountBars
            name={t`Sampling rate`}
            total={total}
            rows={data.rate.map(({ hz, n }) => ({
              key: String(hz),
              text: hertz(hz),
              n,
              to: of({ rate: String(hz) }),
            }))}
          />
          <CountBars
            name={t`Format`}
            total={total}
            rows={data.format.map(({ value, n }) => ({ key: value, text: value, n, to: of({ format: value }) }))}
          />
        </Section>
      </SimpleGrid>
    </Stack>
  );
}
