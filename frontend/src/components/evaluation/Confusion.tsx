import { SimpleGrid, Table, Text } from "@mantine/core";
import { useMemo } from "react";
import { Chart } from "@/components/Chart";
import { Section } from "@/components/Page";
import type { Evaluation } from "@/lib/evaluation";

/** Which label was taken for which; where several may apply, one small table a label. */
export function Confusion({ evaluation }: { evaluation: Evaluation }) {
  if (evaluation.confusion) {
    return <Matrix matrix={evaluation.confusion} labels={evaluation.classes.map(({ label }) => label)} />;
  }
  return (
    <Section title="Right and wrong, label by label">
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
        {evaluation.classes.map(({ label, confusion: [[tn, fp], [fn, tp]] }) => (
          <Table key={label} withTableBorder className="numbers" aria-label={`Right and wrong for ${label}`}>
            <Table.Caption>{label}</Table.Caption>
            <Table.Thead>
              <Table.Tr>
                <Table.Td />
                <Table.Th ta="right">predicted</Table.Th>
                <Table.Th ta="right">not predicted</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              <Table.Tr>
                <Table.Th scope="row">has it</Table.Th>
                <Table.Td ta="right">{tp}</Table.Td>
                <Table.Td ta="right">{fn} missed</Table.Td>
              </Table.Tr>
              <Table.Tr>
                <Table.Th scope="row">has it not</Table.Th>
                <Table.Td ta="right">{fp} false alarms</Table.Td>
                <Table.Td ta="right">{tn}</Table.Td>
              </Table.Tr>
            </Table.Tbody>
          </Table>
        ))}
      </SimpleGrid>
    </Section>
  );
}

function Matrix({ matrix, labels }: { matrix: readonly number[][]; labels: readonly string[] }) {
  const { traces, layout } = useMemo(() => {
    const short = labels.map((label) => (label.length > 18 ? `${label.slice(0, 17)}…` : label));
    const shares = matrix.map((row) => {
      const total = row.reduce((sum, n) => sum + n, 0);
      return row.map((n) => (total > 0 ? n / total : 0));
    });
    return {
      traces: [
        {
          type: "heatmap",
          z: shares,
          x: short,
          y: short,
          text: matrix.map((row) => row.map(String)),
          texttemplate: labels.length <= 20 ? "%{text}" : "",
          hovertemplate: "is %{y}<br>called %{x}<br>%{text} recordings<extra></extra>",
          colorscale: [
            [0, "#f3f8f9"],
            [0.5, "#6fb7c0"],
            [1, "#0c5f6b"],
          ],
          zmin: 0,
          zmax: 1,
          xgap: 2,
          ygap: 2,
          showscale: false,
        },
      ],
      layout: {
        xaxis: { title: { text: "called by the network" }, side: "bottom", showgrid: false, type: "category" },
        yaxis: { title: { text: "is", standoff: 14 }, autorange: "reversed", showgrid: false, type: "category" },
      },
    };
  }, [matrix, labels]);
  return (
    <Section title="What was taken for what">
      <Text size="sm">
        Each row holds the recordings of one label; the columns say what the network called them. On the diagonal it was
        right.
      </Text>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <Chart
          traces={traces}
          layout={layout}
          height={Math.min(640, 170 + 48 * labels.length)}
          label="Confusion matrix; the table beside it says the same."
        />
        <Table.ScrollContainer minWidth={300} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
          <Table className="numbers" aria-label="Confusion matrix">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>is ↓ called →</Table.Th>
                {labels.map((label) => (
                  <Table.Th key={label} ta="right">
                    {label}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {matrix.map((row, index) => (
                <Table.Tr key={labels[index]}>
                  <Table.Th scope="row">{labels[index]}</Table.Th>
                  {row.map((n, column) => (
                    <Table.Td key={labels[column]} ta="right" fw={index === column ? 700 : 400}>
                      {n}
                    </Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      </SimpleGrid>
    </Section>
  );
}
