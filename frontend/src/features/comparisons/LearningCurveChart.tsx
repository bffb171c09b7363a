import { t } from "@lingui/core/macro";
import { Box } from "@mantine/core";
import { useMemo } from "react";
import type { LearningCurve } from "@/api/types";
import { Chart } from "@/components/Chart";

const MEASURES = { macro_auroc: t`AUROC, mean over labels`, macro_r2: t`R², mean over values` };

/** The points that have a score, and after a gain the line on to twice as many; each doubling is as wide on the axis. */
export function curveTraces({ points, ahead }: LearningCurve) {
  const scored = points.flatMap(({ n, score }) =>
    n !== null && score && score.value !== null ? [{ n, ...score, value: score.value }] : [],
  );
  const measured = {
    type: "scatter",
    mode: "lines+markers",
    name: t`measured`,
    x: scored.map(({ n }) => n),
    y: scored.map(({ value }) => value),
    error_y: {
      type: "data",
      symmetric: false,
      array: scored.map(({ value, high }) => (high === null ? 0 : high - value)),
      arrayminus: scored.map(({ value, low }) => (low === null ? 0 : value - low)),
    },
    line: { width: 2 },
    marker: { size: 8 },
  };
  const last = scored.at(-1);
  if (!last || !ahead || ahead.value === null) return [measured];
  const { value, low, high } = ahead;
  const extrapolated = {
    type: "scatter",
    mode: "lines+markers",
    name: t`extrapolated, no promise`,
    x: [last.n, 2 * last.n],
    y: [last.value, last.value + value],
    error_y: {
      type: "data",
      symmetric: false,
      array: [0, high === null ? 0 : high - value],
      arrayminus: [0, low === null ? 0 : value - low],
    },
    line: { width: 2, dash: "dot" },
    marker: { size: 8, symbol: "circle-open" },
  };
  return [measured, extrapolated];
}

export function LearningCurveChart({ curve }: { curve: LearningCurve }) {
  const traces = useMemo(() => curveTraces(curve), [curve]);
  const layout = useMemo(() => {
    const x = traces.flatMap((trace) => trace.x);
    return {
      xaxis: { title: { text: t`recordings that it learned from` }, type: "log", tickvals: x, ticktext: x.map(String) },
      yaxis: { title: { text: MEASURES[curve.measure] } },
    };
  }, [traces, curve.measure]);
  return (
    <Box maw={640}>
      <Chart
        traces={traces}
        layout={layout}
        height={300}
        label={t`Score by the number of recordings that the model learned from; the table below says the same.`}
      />
    </Box>
  );
}
