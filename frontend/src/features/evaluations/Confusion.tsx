import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor, SimpleGrid, Table, Text, useComputedColorScheme } from "@mantine/core";
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
  const all = evaluation.classes.length;
  const withheld = all - told.length;
  return (
    <Section title={t`Confusion matrix of each label`}>
      {withheld > 0 && (
        <Text size="sm" c="dimmed">
          <Trans>
            {withheld} of {all} withheld by the publisher: they hold, or would give away, counts of fewer than five
            patients.
          </Trans>
        </Text>
      )}
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
        {told.map(({ label, confusion: [[tn, fp], [fn, tp]] }) => (
          <Table key={label} withTableBorder className="numbers" aria-label={t`Confusion matrix of ${label}`}>
            <Table.Caption>{label}</Table.Caption>
            <Table.Thead>
              <Table.Tr>
                <Table.Td />
                <Table.Th ta="right">
                  <Trans>predicted</Trans>
                </Table.Th>
                <Table.Th ta="right">
                  <Trans>not predicted</Trans>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              <Table.Tr>
                <Table.Th scope="row">
                  <Trans>present</Trans>
                </Table.Th>
                <Table.Td ta="right">{tp}</Table.Td>
                <Table.Td ta="right">
                  <Trans>{fn} false negative</Trans>
                </Table.Td>
              </Table.Tr>
              <Table.Tr>
                <Table.Th scope="row">
                  <Trans>absent</Trans>
                </Table.Th>
                <Table.Td ta="right">
                  <Trans>{fp} false positive</Trans>
                </Table.Td>
                <Table.Td ta="right">{tn}</Table.Td>
              </Table.Tr>
            </Table.Tbody>
          </Table>
        ))}
      </SimpleGrid>
    </Section>
  );
}

/** From nothing, which is hardly more than the paper, to all. */
const SHARES = {
  light: [
    [0, "#f3f8f9"],
    [0.5, "#6fb7c0"],
    [1, "#0c5f6b"],
  ],
  dark: [
    [0, "#2b3136"],
    [0.5, "#23707b"],
    [1, "#79c3cb"],
  ],
};

/** The matrix as colours: a row a true label, shares of its recordings, with their numbers as text. */
export function heatmapOf(matrix: readonly number[][], labels: readonly string[], dark = false) {
  const short = labels.map((label) => (label.length > 18 ? `${label.slice(0, 17)}…` : label));
  const shares = matrix.map((row) => {
    const total = row.reduce((sum, n) => sum + n, 0);
    return row.map((n) => (total > 0 ? n / total : 0));
  });
  const [x, y, n] = ["%{x}", "%{y}", "%{text}"];
  return {
    traces: [
      {
        type: "heatmap",
        z: shares,
        x: short,
        y: short,
        text: matrix.map((row) => row.map(String)),
        texttemplate: labels.length <= 20 ? "%{text}" : "",
        hovertemplate: `${t`true label ${y}<br>predicted ${x}<br>${n} recordings`}<extra></extra>`,
        colorscale: SHARES[dark ? "dark" : "light"],
        zmin: 0,
        zmax: 1,
        xgap: 2,
        ygap: 2,
        showscale: false,
      },
    ],
    layout: {
      xaxis: { title: { text: t`predicted label` }, side: "bottom", showgrid: false, type: "category" },
      yaxis: {
        title: { text: t`true label`, standoff: 14 },
        autorange: "reversed",
        showgrid: false,
        type: "category",
      },
    },
  };
}

function cellLabel(n: number, label: string, predicted: string): string {
  return t`${n}, ${label} predicted as ${predicted}: show these ECGs`;
}

type MatrixProps = { matrix: readonly number[][]; labels: readonly string[]; onOpen: Props["onOpen"] };

function Matrix({ matrix, labels, onOpen }: MatrixProps) {
  const dark = useComputedColorScheme("light") === "dark";
  const { traces, layout } = useMemo(() => heatmapOf(matrix, labels, dark), [matrix, labels, dark]);
  return (
    <Section title={t`Confusion matrix`}>
      <Text size="sm">
        <Trans>
          Each row holds the recordings with one true label, each column those with one predicted label. Correct
          predictions are on the diagonal.
        </Trans>
        {onOpen && ` ${t`Select a number to see the ECGs behind it.`}`}
      </Text>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <Chart
          traces={traces}
          layout={layout}
          height={Math.min(640, 170 + 48 * labels.length)}
          label={t`Confusion matrix; the table beside it holds the same numbers.`}
        />
        <Table.ScrollContainer minWidth={300} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
          <Table className="numbers" aria-label={t`Confusion matrix`}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>
                  <Trans>true ↓ predicted →</Trans>
                </Table.Th>
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
                          aria-label={cellLabel(n, labels[index] ?? "", labels[column] ?? "")}
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
