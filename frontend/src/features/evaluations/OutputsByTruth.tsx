import { t } from "@lingui/core/macro";
import { useMemo } from "react";
import type { LabelOutputs } from "@/api/types";
import { Chart } from "@/components/Chart";
import { region } from "@/language/language";
import { histogram } from "./operating";

const BARS = 40;

/** The outputs of those with and without a label as two histograms, each as shares of its own recordings. */
export function outputTraces(outputs: LabelOutputs) {
  const [x, n] = ["%{x:.3f}", "%{customdata}"];
  const hovertemplate = `${t`output ${x}<br>${n} recordings`}<extra></extra>`;
  const middles = Array.from({ length: BARS }, (_, bar) => (bar + 0.5) / BARS);
  const one = (name: string, reach: readonly number[], all: number, look: object) => {
    const counts = histogram(reach, BARS);
    return {
      type: "bar",
      name: `${name} (${all.toLocaleString(region())})`,
      x: middles,
      y: counts.map((found) => (all > 0 ? found / all : 0)),
      customdata: counts,
      hovertemplate,
      width: 1 / BARS,
      ...look,
    };
  };
  return [
    one(t`absent`, outputs.absent, outputs.n_absent, { marker: { color: "#8b98a3" }, opacity: 0.75 }),
    one(t`present`, outputs.present, outputs.n_present, {
      marker: { color: "rgba(181, 101, 29, 0.55)", line: { color: "#b5651d", width: 1 } },
    }),
  ];
}

/** How the outputs lie by what is true, with the threshold as a line. */
export function OutputsByTruth({ outputs, threshold }: { outputs: LabelOutputs; threshold: number }) {
  const { label } = outputs;
  const traces = useMemo(() => outputTraces(outputs), [outputs]);
  const layout = useMemo(
    () => ({
      barmode: "overlay",
      xaxis: { title: { text: t`output for ${label}` }, range: [-0.01, 1.01] },
      yaxis: { title: { text: t`share of recordings` }, tickformat: ".0%" },
      shapes: [
        {
          type: "line",
          x0: threshold,
          x1: threshold,
          y0: 0,
          y1: 1,
          yref: "paper",
          line: { color: "#0c6f7d", width: 2 },
        },
      ],
    }),
    [label, threshold],
  );
  return (
    <Chart
      traces={traces}
      layout={layout}
      height={260}
      label={t`Histogram of the outputs for ${label} by truth; the numbers at the threshold are in the table.`}
    />
  );
}
