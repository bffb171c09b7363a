import { t } from "@lingui/core/macro";
import { useMemo } from "react";
import type { TargetResult } from "@/api/types";
import { Chart } from "@/components/Chart";
import { signed } from "@/lib/format";
import { limitsOfAgreement } from "./agreement";

const GREY = "#8b98a3";
const AMBER = "#b5651d";

/** The lowest and highest of some numbers, with a little space around. */
function padded(values: readonly number[]): [number, number] {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const space = 0.06 * (high - low || Math.abs(high) || 1);
  return [low - space, high + space];
}

const dots = (x: number[], y: number[], hovertemplate: string) => ({
  type: "scatter",
  mode: "markers",
  x,
  y,
  marker: { size: 7, opacity: x.length > 100 ? 0.5 : 0.75 },
  hovertemplate: `${hovertemplate}<extra></extra>`,
});

type Props = { target: TargetResult; digits: number };

/** Measured along x, predicted along y, and the line on which the two are the same. */
export function scatterOf(points: TargetResult["points"], digits: number) {
  const range = padded(points.flat());
  const [x, y] = [`%{x:.${digits}f}`, `%{y:.${digits}f}`];
  return {
    traces: [
      dots(
        points.map(([truth]) => truth),
        points.map(([, predicted]) => predicted),
        t`measured ${x}<br>predicted ${y}`,
      ),
      { type: "scatter", mode: "lines", x: range, y: range, line: { color: GREY, dash: "dot" }, hoverinfo: "skip" },
    ],
    layout: {
      showlegend: false,
      margin: { l: 56, r: 16, t: 16, b: 44 },
      // One unit is as long on both axes, so that the line is the diagonal.
      xaxis: { title: { text: t`measured` }, range, constrain: "domain" },
      yaxis: { title: { text: t`predicted` }, range, scaleanchor: "x", constrain: "domain" },
    },
  };
}

/** The mean of the two along x, predicted less measured along y, with bias and limits of agreement. */
export function blandAltmanOf(target: TargetResult, digits: number) {
  const means = target.points.map(([truth, predicted]) => (truth + predicted) / 2);
  const differences = target.points.map(([truth, predicted]) => predicted - truth);
  const limits = limitsOfAgreement(target);
  const lines = [
    ...(target.bias.value === null ? [] : [{ at: target.bias.value, name: t`bias`, color: AMBER, dash: "solid" }]),
    ...(limits
      ? [
          { at: limits.high, name: t`+1.96 SD`, color: AMBER, dash: "dash" },
          { at: limits.low, name: t`−1.96 SD`, color: AMBER, dash: "dash" },
        ]
      : []),
  ];
  const [x, y] = [`%{x:.${digits}f}`, `%{y:.${digits}f}`];
  const [low, high] = padded([...differences, ...lines.map(({ at }) => at), 0]);
  return {
    traces: [dots(means, differences, t`mean ${x}<br>difference ${y}`)],
    layout: {
      showlegend: false,
      margin: { l: 56, r: 104, t: 16, b: 44 },
      xaxis: { title: { text: t`mean of measured and predicted` }, range: padded(means), zeroline: false },
      yaxis: { title: { text: t`predicted − measured` }, range: [low, high], zeroline: true },
      shapes: lines.map(({ at, color, dash }) => ({
        type: "line",
        xref: "paper",
        x0: 0,
        x1: 1,
        y0: at,
        y1: at,
        line: { color, dash, width: 1.5 },
      })),
      annotations: lines.map(({ at, name }) => ({
        xref: "paper",
        x: 1.01,
        xanchor: "left",
        y: at,
        text: [name, signed(at, digits)].join("<br>"),
        align: "left",
        showarrow: false,
      })),
    },
  };
}

/** Predicted against measured: on the line the two are the same. */
export function ScatterChart({ target: { label, points }, digits }: Props) {
  const { traces, layout } = useMemo(() => scatterOf(points, digits), [points, digits]);
  return (
    <Chart
      traces={traces}
      layout={layout}
      height={400}
      label={t`${label}: predicted against measured values, with the line on which the two are the same; the table below says the same.`}
    />
  );
}

/** The plot of Bland and Altman: how far the two differ, where values are low and where they are high. */
export function BlandAltmanChart({ target, digits }: Props) {
  const { label } = target;
  const { traces, layout } = useMemo(() => blandAltmanOf(target, digits), [target, digits]);
  return (
    <Chart
      traces={traces}
      layout={layout}
      height={400}
      label={t`${label}: difference of predicted and measured against their mean, with bias and limits of agreement; the text and the table below say the same.`}
    />
  );
}
