import { Box } from "@mantine/core";
import { useMemo } from "react";
import { Chart } from "@/components/Chart";
import { Section } from "@/components/Page";
import { type Evaluation, written } from "@/lib/evaluation";

const DASHES = ["solid", "dash", "dot", "dashdot", "longdash"];

const LAYOUT = {
  xaxis: { title: { text: "false alarms (1 − specificity)" }, range: [-0.01, 1.01] },
  yaxis: { title: { text: "found (sensitivity)" }, range: [-0.01, 1.02] },
  legend: { orientation: "v", x: 1, xanchor: "right", y: 0.04, yanchor: "bottom" },
};

/** ROC curves: what share of the recordings with a label is found, at the price of which share of false alarms. */
export function RocChart({ evaluation }: { evaluation: Evaluation }) {
  const traces = useMemo(
    () => [
      {
        type: "scatter",
        mode: "lines",
        name: "chance",
        x: [0, 1],
        y: [0, 1],
        line: { color: "#8b98a3", width: 1, dash: "dot" },
        showlegend: false,
        hoverinfo: "skip",
      },
      ...evaluation.classes
        .filter(({ roc }) => roc.length > 0)
        .map(({ label, roc, auroc }, index) => ({
          type: "scatter",
          mode: "lines",
          name: `${label.length > 24 ? `${label.slice(0, 23)}…` : label} ${written({ ...auroc, low: null }, 2)}`,
          x: roc.map(([x]) => x),
          y: roc.map(([, y]) => y),
          line: { width: 2, dash: DASHES[index % DASHES.length] },
          showlegend: evaluation.classes.length <= 12,
        })),
    ],
    [evaluation],
  );
  return (
    <Section title="ROC curves">
      <Box maw={760}>
        <Chart
          traces={traces}
          layout={LAYOUT}
          height={420}
          label="ROC curve of each label; the area under each, AUROC, is in the table above."
        />
      </Box>
    </Section>
  );
}
