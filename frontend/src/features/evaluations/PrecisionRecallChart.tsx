import { t } from "@lingui/core/macro";
import { Box } from "@mantine/core";
import { useMemo } from "react";
import type { Evaluation } from "@/api/types";
import { Chart } from "@/components/Chart";
import { Section } from "@/components/Page";
import { digitsOfShare } from "@/lib/format";
import { withInterval } from "./estimate";
import { enough } from "./few";

const DASHES = ["solid", "dash", "dot", "dashdot", "longdash"];

const LAYOUT = {
  xaxis: { title: { text: t`recall (sensitivity)` }, range: [-0.01, 1.01] },
  yaxis: { title: { text: t`precision (PPV)` }, range: [-0.01, 1.02] },
};

/** A curve a label: the recall along x, the precision along y. */
export function precisionRecallTraces(evaluation: Evaluation) {
  const digits = digitsOfShare(evaluation.n);
  return evaluation.classes
    .filter((item) => item.pr && item.pr.length > 0 && enough(item))
    .map(({ label, pr, average_precision }, index) => ({
      type: "scatter",
      mode: "lines",
      name: `${label.length > 24 ? `${label.slice(0, 23)}…` : label} ${withInterval({ ...average_precision, low: null }, digits)}`,
      x: pr?.map(([x]) => x),
      y: pr?.map(([, y]) => y),
      line: { width: 2, dash: DASHES[index % DASHES.length] },
      showlegend: evaluation.classes.length <= 12,
    }));
}

/** Precision-recall curves; the share of recordings that have a label is what chance would reach. */
export function PrecisionRecallChart({ evaluation }: { evaluation: Evaluation }) {
  const traces = useMemo(() => precisionRecallTraces(evaluation), [evaluation]);
  if (traces.length === 0) return null;
  return (
    <Section title={t`Precision-recall curves`}>
      <Box maw={760}>
        <Chart
          traces={traces}
          layout={LAYOUT}
          height={420}
          label={t`Precision-recall curve of each label; the area under each, AUPRC, is in the table.`}
        />
      </Box>
    </Section>
  );
}
