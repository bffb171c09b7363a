import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Box, SimpleGrid, Table } from "@mantine/core";
import { useMemo } from "react";
import type { Dataset } from "@/api/types";
import { Chart } from "@/components/Chart";
import { region } from "@/language/language";

const SHOWN = 30;

/** How often each label stands in the table and beside a recording that is here: as bars and as a table. */
export function LabelCounts({ dataset }: { dataset: Dataset }) {
  const counts = useMemo(() => [...dataset.counts].sort((a, b) => b.n_rows - a.n_rows), [dataset.counts]);
  const { traces, layout } = useMemo(() => {
    const shown = counts.slice(0, SHOWN).reverse();
    const y = shown.map(({ label }) => (label.length > 28 ? `${label.slice(0, 27)}…` : label));
    const bar = (name: string, x: number[]) => ({ type: "bar", orientation: "h", name, x, y, hoverinfo: "x+name" });
    return {
      traces: [
        bar(
          t`with a recording`,
          shown.map((item) => item.n_recordings),
        ),
        bar(
          t`in the table`,
          shown.map((item) => item.n_rows),
        ),
      ],
      layout: {
        barmode: "group",
        xaxis: { rangemode: "tozero" },
        legend: { traceorder: "reversed" },
      },
    };
  }, [counts]);
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
      <Box>
        <Chart
          traces={traces}
          layout={layout}
          height={Math.min(760, 110 + 42 * Math.min(SHOWN, counts.length))}
          label={t`Bar chart: how often each of ${{ number: counts.length }} labels occurs; the table beside it holds the same numbers.`}
        />
      </Box>
      <Table.ScrollContainer minWidth={280} maxHeight={420} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
        <Table className="numbers" aria-label={t`Labels of ${{ name: dataset.name }}`}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>
                <Trans>Label</Trans>
              </Table.Th>
              {counts.some((item) => item.code) && (
                <Table.Th>
                  <Trans>Code</Trans>
                </Table.Th>
              )}
              <Table.Th ta="right">
                <Trans>In the table</Trans>
              </Table.Th>
              <Table.Th ta="right">
                <Trans>With a recording</Trans>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {counts.map((item) => (
              <Table.Tr key={item.label}>
                <Table.Td className="name">{item.label}</Table.Td>
                {counts.some((other) => other.code) && <Table.Td>{item.code}</Table.Td>}
                <Table.Td ta="right">{item.n_rows.toLocaleString(region())}</Table.Td>
                <Table.Td ta="right">{item.n_recordings.toLocaleString(region())}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </SimpleGrid>
  );
}
