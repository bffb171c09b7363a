import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { SimpleGrid, Stack, Table } from "@mantine/core";
import { useMemo } from "react";
import type { Dataset } from "@/api/types";
import { Chart } from "@/components/Chart";
import { Section } from "@/components/Page";
import { region } from "@/language/language";
import { decimals, signed } from "@/lib/format";

type Counted = Dataset["counts"][number];

/** How the values of a table lie: a histogram each, and mean and range of all as a table. */
export function ValueDistribution({ dataset }: { dataset: Dataset }) {
  return (
    <Stack gap="md">
      <Table.ScrollContainer minWidth={560} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
        <Table className="numbers" aria-label={t`Values of ${{ name: dataset.name }}`}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>
                <Trans>Value</Trans>
              </Table.Th>
              <Table.Th ta="right">
                <Trans>In the table</Trans>
              </Table.Th>
              <Table.Th ta="right">
                <Trans>With a recording</Trans>
              </Table.Th>
              <Table.Th ta="right">
                <Trans>Mean ± SD</Trans>
              </Table.Th>
              <Table.Th ta="right">
                <Trans>Lowest</Trans>
              </Table.Th>
              <Table.Th ta="right">
                <Trans>Highest</Trans>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {dataset.counts.map((item) => (
              <Row key={item.label} item={item} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        {dataset.counts.map((item) => (
          <Histogram key={item.label} item={item} />
        ))}
      </SimpleGrid>
    </Stack>
  );
}

function Row({ item: { label, n_rows, n_recordings, values } }: { item: Counted }) {
  const digits = decimals(values?.sd ?? null);
  return (
    <Table.Tr>
      <Table.Td className="name">{label}</Table.Td>
      <Table.Td ta="right">{n_rows.toLocaleString(region())}</Table.Td>
      <Table.Td ta="right">{n_recordings.toLocaleString(region())}</Table.Td>
      <Table.Td ta="right">{values ? `${signed(values.mean, digits)} ± ${signed(values.sd, digits)}` : "–"}</Table.Td>
      <Table.Td ta="right">{values ? signed(values.low, digits) : "–"}</Table.Td>
      <Table.Td ta="right">{values ? signed(values.high, digits) : "–"}</Table.Td>
    </Table.Tr>
  );
}

function Histogram({ item: { label, values } }: { item: Counted }) {
  const { traces, layout } = useMemo(() => {
    const { low, high, bars } = values ?? { low: 0, high: 0, bars: [] };
    const width = (high - low) / Math.max(1, bars.length) || 1;
    return {
      traces: [
        {
          type: "bar",
          x: bars.map((_, index) => low + (index + 0.5) * (high > low ? width : 0)),
          y: bars,
          width,
          marker: { line: { width: 1, color: "#ffffff" } },
          hovertemplate: `${t`about ${{ value: "%{x:.4~g}" }}`}<br>${t`${{ number: "%{y}" }} rows`}<extra></extra>`,
        },
      ],
      layout: {
        showlegend: false,
        margin: { l: 56, r: 16, t: 8, b: 44 },
        xaxis: { title: { text: label.length > 40 ? `${label.slice(0, 39)}…` : label } },
        yaxis: { title: { text: t`rows` }, rangemode: "tozero" },
      },
    };
  }, [label, values]);
  if (!values) return null;
  return (
    <Section title={label}>
      <Chart
        traces={traces}
        layout={layout}
        height={220}
        label={t`Histogram of ${label}; the table above holds mean and range.`}
      />
    </Section>
  );
}
