import { t } from "@lingui/core/macro";
import { Plural, Trans } from "@lingui/react/macro";
import { Box, Text } from "@mantine/core";
import { useMemo } from "react";
import type { Evaluation } from "@/api/types";
import { Chart } from "@/components/Chart";
import { Section } from "@/components/Page";
import { digitsOfShare } from "@/lib/format";
import { withInterval } from "./estimate";
import { enough } from "./few";

const DASHES = ["solid", "dash", "dot", "dashdot", "longdash"];

const LAYOUT = {
  xaxis: { title: { text: t`1 − specificity (false positive rate)` }, range: [-0.01, 1.01] },
  yaxis: { title: { text: t`sensitivity (true positive rate)` }, range: [-0.01, 1.02] },
};

/** The chance line and a curve a label: the false positive rate along x, the sensitivity along y. */
export function rocTraces(evaluation: Evaluation) {
  const digits = digitsOfShare(evaluation.n);
  return [
    {
      type: "scatter",
      mode: "lines",
      name: t`chance`,
      x: [0, 1],
      y: [0, 1],
      line: { color: "#8b98a3", width: 1, dash: "dot" },
      showlegend: false,
      hoverinfo: "skip",
    },
    ...evaluation.classes
      .filter((item) => item.roc.length > 0 && enough(item))
      .map(({ label, roc, auroc }, index) => ({
        type: "scatter",
        mode: "lines",
        name: `${label.length > 24 ? `${label.slice(0, 23)}…` : label} ${withInterval({ ...auroc, low: null }, digits)}`,
        x: roc.map(([x]) => x),
        y: roc.map(([, y]) => y),
        line: { width: 2, dash: DASHES[index % DASHES.length] },
        showlegend: evaluation.classes.length <= 12,
      })),
  ];
}

/** ROC curves: sensitivity against 1 − specificity of each label. */
export function RocChart({ evaluation }: { evaluation: Evaluation }) {
  const traces = useMemo(() => rocTraces(evaluation), [evaluation]);
  const few = evaluation.classes.length - traces.length + 1; // the first is chance
  return (
    <Section title={t`ROC curves`}>
      {few > 0 && (
        <Text size="sm" c="dimmed">
          <Trans>
            Without <Plural value={few} one="# label" other="# labels" /> that too few patients have, or lack.
          </Trans>
        </Text>
      )}
      <Box maw={760}>
        <Chart
          traces={traces}
          layout={LAYOUT}
          height={420}
          label={t`ROC curve of each label; the area under each, AUROC, is in the table above.`}
        />
      </Box>
    </Section>
  );
}
