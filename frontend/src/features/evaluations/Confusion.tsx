import { Anchor, SimpleGrid, Table, Text } from "@mantine/core";
import { useMemo } from "react";
import type { Evaluation } from "@/api/types";
import { Chart } from "@/components/Chart";
import { Section } from "@/components/Page";

type Props = {
  evaluation: Evaluation;
  /** Shows the recordings of a cell of the matrix of all classes. */
  onOpen?: (trueLabel: string, predictedLabel: string) => void;
};

/** True against predicted labels; where several may apply, one small table a label. */
export function Confusion({ evaluation, onOpen }: Props) {
  if (evaluation.confusion) {
    const labels = evaluation.classes.map(({ label }) => label);
    return <Matrix matrix={evaluation.confusion} labels={labels} onOpen={onOpen} />;
  }
  const told = evaluation.classes.flatMap(({ label, confusion }) => (confusion ? [{ label, confusion }] : []));
  const withheld = evaluation.classes.length - told.length;
  return (
    <Section title="Confusion matrix of each label">
      {withheld > 0 && (
        <Text size="sm" c="dimmed">
          {withheld} of {evaluation.classes.length} withheld by the publisher: they hold, or would give away, counts of
          fewer than five patients.
        </Text>
      )}
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
        {told.map(({ label, confusion: [[tn, fp], [fn, tp]] }) => (
          <Table key={label} withTableBorder className="numbers" aria-label={`Confusion matrix of ${label}`}>
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
                <Table.Th scope="row">present</Table.Th>
                <Table.Td ta="right">{tp}</Table.Td>
                <Table.Td ta="right">{fn} false negative</Table.Td>
              </Table.Tr>
              <Table.Tr>
                <Table.Th scope="row">absent</Table.Th>
                <Table.Td ta="right">{fp} false positive</Table.Td>
                <Table.Td ta="right">{tn}</Table.Td>
              </Table.Tr>
            </Table.Tbody>
          </Table>
        ))}
      </SimpleGrid>
    </Section>
  );
}

/** The matrix as colours: a row a true label, shares of its recordings, with their numbers as text. */
export function heatmapOf(matrix: readonly number[][], labels: readonly string[]) {
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
        hovertemplate: "true label %{y}<br>predicted %{x}<br>%{text} recordings<extra></extra>",
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
      xaxis: { title: { text: "predicted label" }, side: "bottom", showgrid: false, type: "category" },
      yaxis: {
        title: { text: "true label", standoff: 14 },
        autorange: "reversed",
        showgrid: false,
        type: "category",
      },
    },
  };
}

type MatrixProps = { matrix: readonly number[][]; labels: readonly string[]; onOpen: Props["onOpen"] };

function Matrix({ matrix, labels, onOpen }: MatrixProps) {
  const { traces, layout } = useMemo(() => heatmapOf(matrix, labels), [matrix, labels]);
  return (
    <Section title="Confusion matrix">
      <Text size="sm">
        Each row holds the recordings with one true label, each column those with one predicted label. Correct
        predictions are on the diagonal.{onOpen && " Select a number to see the ECGs behind it."}
      </Text>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <Chart
          traces={traces}
          layout={layout}
          height={Math.min(640, 170 + 48 * labels.length)}
          label="Confusion matrix; the table beside it holds the same numbers."
        />
        <Table.ScrollContainer minWidth={300} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
          <Table className="numbers" aria-label="Confusion matrix">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>true ↓ predicted →</Table.Th>
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
                      {onOpen && n > 0 ? (
                        <Anchor
                          component="button"
                          type="button"
                          fz="inherit"
                          aria-label={`${n}, ${labels[index]} predicted as ${labels[column]}: show these ECGs`}
                          onClick={() => onOpen(labels[index] ?? "", labels[column] ?? "")}
                        >
                          {n}
                        </Anchor>
                      ) : (
                        n
                      )}
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
