import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { SimpleGrid, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { measurementsQuery } from "@/api/measurements";
import type { Measurements, Recording } from "@/api/types";
import { Chip } from "@/components/Chip";
import { Facts } from "@/components/Facts";
import { Problem } from "@/components/Note";
import { Loading, Section } from "@/components/Page";
import { LEADS } from "@/lib/ecg/leads";
import { capital, fixed, signed } from "@/lib/format";
import { ComparedMeasurements } from "./ComparedMeasurements";

const TRUST = {
  usable: { tone: "good", icon: "check", text: t`Signal usable` },
  doubtful: { tone: "warn", icon: "alert", text: t`Signal doubtful` },
  unusable: { tone: "bad", icon: "alert", text: t`Signal unusable` },
} as const;
const UNKNOWN = { tone: "info", icon: "info", text: t`Signal quality not assessed` } as const;
const PARTIAL = { tone: "info", icon: "info", text: t`Leads are missing` } as const;

/** What the platform measures in a recording, and why it could not measure the rest. */
export function MeasurementsSection({ projectId, recording }: { projectId: string; recording: Recording }) {
  const measured = useQuery(measurementsQuery(projectId, recording.id));
  return (
    <Section title={t`Measurements`}>
      {measured.isPending && <Loading lines={3} label={t`Measuring`} />}
      <Problem error={measured.error} title={t`The recording cannot be measured`} />
      {measured.data && <MeasurementsTable data={measured.data} missing={recording.missing_leads} />}
    </Section>
  );
}

export function MeasurementsTable({ data, missing }: { data: Measurements; missing: readonly string[] }) {
  const { quality, reasons } = data;
  const doubts = quality ? quality.reasons : [reasons.quality].filter(Boolean);
  const trust = !quality ? UNKNOWN : missing.length > 0 && doubts.length === 0 ? PARTIAL : TRUST[quality.overall];
  const measured = (name: string, key: keyof Measurements, unit: string) => {
    const value = data[key] as number | null;
    return [name, value === null ? reasons[key] : `${signed(value, 0)}${unit}`] as const;
  };
  const corrected = Object.entries(data.qtc_ms);
  const rr = data.rr_ms;
  return (
    <Stack gap="sm">
      <Text size="sm" component="div">
        <Chip tone={trust.tone} icon={trust.icon}>
          {trust.text}
        </Chip>{" "}
        <Trans>Computed automatically, not confirmed by a physician.</Trans>
      </Text>
      {doubts.length > 0 && <Text size="sm">{doubts.join(" ")}</Text>}
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        <Facts
          facts={[
            [t`Beats`, data.n_beats],
            measured(t`Heart rate`, "heart_rate", "/min"),
            ["RR", rr && `${Math.round(rr.mean)} ms (${Math.round(rr.min)}–${Math.round(rr.max)})`],
            [
              t`RR variation`,
              rr?.variation == null ? reasons.rr_variation : t`${{ share: Math.round(rr.variation) }} % of the mean`,
            ],
          ]}
        />
        <Facts
          facts={[
            measured("P", "p_ms", " ms"),
            measured(t`PR`, "pr_ms", " ms"),
            measured("QRS", "qrs_ms", " ms"),
            measured("QT", "qt_ms", " ms"),
            ["QTc", corrected.length === 0 && reasons.qtc_ms],
            ...corrected.map(([name, value]) => [`QTc ${capital(name)}`, `${Math.round(value)} ms`] as const),
          ]}
        />
        <Facts
          facts={[
            measured(t`P axis`, "p_axis", "°"),
            measured(t`QRS axis`, "qrs_axis", "°"),
            measured(t`T axis`, "t_axis", "°"),
          ]}
        />
      </SimpleGrid>
      <ComparedMeasurements rows={data.compared} />
      <LeadTable data={data} />
    </Stack>
  );
}

/** ST level and amplitudes, a column a lead. */
function LeadTable({ data }: { data: Measurements }) {
  const rows = [
    [t`ST at J+60 ms`, data.st_mv],
    ["R", data.r_mv],
    ["S", data.s_mv],
    ["T", data.t_mv],
  ] as const;
  if (rows.every(([, values]) => Object.keys(values).length === 0)) {
    return data.reasons.st_mv ? (
      <Text size="sm">
        <Trans>No amplitudes: {{ reason: data.reasons.st_mv }}</Trans>
      </Text>
    ) : null;
  }
  return (
    <Table.ScrollContainer minWidth={620} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table className="numbers" aria-label={t`Amplitudes of each lead in mV`} verticalSpacing={4} fz="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{"mV" /* a unit */}</Table.Th>
            {LEADS.map((lead) => (
              <Table.Th key={lead}>{lead}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(([name, values]) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" style={{ whiteSpace: "nowrap" }}>
                {name}
              </Table.Th>
              {LEADS.map((lead) => (
                <Table.Td key={lead}>{millivolts(values[lead])}</Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function millivolts(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  const text = fixed(Math.abs(value), 2);
  return Number(value.toFixed(2)) === 0 ? text : `${value < 0 ? "−" : "+"}${text}`;
}
