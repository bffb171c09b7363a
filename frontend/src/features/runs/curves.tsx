import { t } from "@lingui/core/macro";
import { Paper } from "@mantine/core";
import { useMemo } from "react";
import type { Epoch } from "@/api/types";
import { Chart } from "@/components/Chart";
import { Help } from "@/components/Help";
import { Section } from "@/components/Page";
import { MEASURES } from "@/features/evaluations/measures";
import { decimal } from "@/lib/format";
import { epochAxis, stepTitle } from "./epochs";

const line = (name: string, x: number[], y: (number | null)[], dash?: string) => ({
  type: "scatter",
  mode: x.length < 2 ? "markers" : "lines+markers",
  name,
  x,
  y,
  line: { width: 2, dash },
  marker: { size: 5 },
});

const LOSS = { title: { text: t`Loss` }, rangemode: "tozero" };
const SCORE = { title: { text: t`Score` }, range: [0, 1.02] };

function epochLayout(epochs: readonly Epoch[], yaxis: object) {
  return { xaxis: epochAxis(stepTitle(epochs), epochs.length), yaxis };
}

/** Loss on training and validation recordings: where the two part, learning by heart begins. */
export function LossChart({ epochs }: { epochs: readonly Epoch[] }) {
  const traces = useMemo(() => {
    const x = epochs.map(({ epoch }) => epoch);
    return [
      line(
        t`training`,
        x,
        epochs.map((item) => item.train_loss),
        "dot",
      ),
      line(
        t`validation`,
        x,
        epochs.map((item) => item.val_loss),
      ),
    ];
  }, [epochs]);
  const layout = useMemo(() => epochLayout(epochs, LOSS), [epochs]);
  return (
    <Paper withBorder p="md">
      <Section title={t`Loss`}>
        <Chart
          traces={traces}
          layout={layout}
          height={280}
          label={t`Loss after each step of the training; the table below says the same.`}
        />
      </Section>
    </Paper>
  );
}

/** F1 and AUROC on the validation recordings. */
export function ScoreChart({ epochs }: { epochs: readonly Epoch[] }) {
  const traces = useMemo(() => {
    const x = epochs.map(({ epoch }) => epoch);
    return [
      line(
        t`F1, mean over labels`,
        x,
        epochs.map((item) => item.macro_f1),
        "dot",
      ),
      line(
        t`AUROC, mean over labels`,
        x,
        epochs.map((item) => item.macro_auroc),
      ),
    ];
  }, [epochs]);
  const layout = useMemo(() => epochLayout(epochs, SCORE), [epochs]);
  return (
    <Paper withBorder p="md">
      <Section title={t`Scores on the validation recordings`}>
        <Chart
          traces={traces}
          layout={layout}
          height={280}
          label={t`F1 and AUROC after each step of the training; the table below says the same.`}
        />
      </Section>
    </Paper>
  );
}

/** R² on the validation recordings; at first it may be far below 0, which is not drawn. */
export function ExplainedChart({ epochs }: { epochs: readonly Epoch[] }) {
  const traces = useMemo(
    () => [
      line(
        t`R², mean over values`,
        epochs.map(({ epoch }) => epoch),
        epochs.map((item) => item.macro_r2 ?? null),
      ),
    ],
    [epochs],
  );
  const layout = useMemo(() => {
    const lowest = Math.min(0, ...epochs.map((item) => item.macro_r2 ?? 0));
    return epochLayout(epochs, { title: { text: "R²" }, range: [Math.max(-1, lowest) - 0.03, 1.03] });
  }, [epochs]);
  return (
    <Paper withBorder p="md">
      <Section
        title={t`R² on the validation recordings`}
        actions={<Help about={MEASURES.r2.title}>{MEASURES.r2.help}</Help>}
      >
        <Chart
          traces={traces}
          layout={layout}
          height={280}
          label={t`R² after each step of the training; the table below says the same.`}
        />
      </Section>
    </Paper>
  );
}

/** The loss at each learning rate that was tried, with the one that was chosen. */
export function LearningRateChart({ rate, curve }: { rate: number; curve: readonly [number, number][] }) {
  const { traces, layout } = useMemo(
    () => ({
      traces: [
        {
          ...line(
            t`loss`,
            curve.map(([x]) => x),
            curve.map(([, y]) => y),
          ),
          mode: "lines",
        },
      ],
      layout: {
        showlegend: false,
        xaxis: { type: "log", title: { text: t`Learning rate` }, exponentformat: "power" },
        yaxis: { title: { text: t`Loss` } },
        shapes: [
          { type: "line", x0: rate, x1: rate, y0: 0, y1: 1, yref: "paper", line: { dash: "dash", color: "#b5651d" } },
        ],
      },
    }),
    [rate, curve],
  );
  const text = decimal(rate.toExponential(1));
  return (
    <Section title={t`Learning rate: ${text}`}>
      <Chart
        traces={traces}
        layout={layout}
        height={240}
        label={t`Loss at each learning rate tested; ${text} was chosen.`}
      />
    </Section>
  );
}
