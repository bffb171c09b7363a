import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Paper, SimpleGrid, Stack, Table, Text, useComputedColorScheme } from "@mantine/core";
import { type ComponentProps, useMemo } from "react";
import type { Epoch, RunBeside } from "@/api/types";
import { Chart } from "@/components/Chart";
import { Section } from "@/components/Page";
import { score } from "@/lib/format";
import { areStrengths, bestOf, epochAxis, stepTitle } from "./epochs";
import { letterAt } from "./sideBySide";

/** Of each place a colour and a mark; the letter stands at the end of the line too. */
const COLOURS = {
  light: ["#0c6f7d", "#b5651d", "#6c4ab6", "#2e7d4f", "#a3304a"],
  dark: ["#6cc5cf", "#f0b45b", "#c9a4f0", "#8ed8a8", "#f29aa8"],
};
const MARKS = ["circle", "square", "diamond", "triangle-up", "x"];

type Placed = { run: RunBeside; letter: string; place: number };

/** The curves of all trainings in one plot; those of labels and of values apart, whose losses are of other kinds. */
export function BesideCurves({ runs }: { runs: readonly RunBeside[] }) {
  const placed = runs.map((run, place) => ({ run, letter: letterAt(place), place }));
  const drawn = placed.filter(({ run }) => run.epochs.length > 0);
  const [values, labels] = [true, false].map((regression) =>
    drawn.filter(({ run }) => (run.task === "regression") === regression),
  );
  return (
    <Section title={t`Learning curves`}>
      {placed.map(
        ({ run, letter }) =>
          run.no_epochs && (
            <Text key={run.id} size="sm">
              <b>{letter}</b>: {run.no_epochs}
            </Text>
          ),
      )}
      {labels && labels.length > 0 && <Curves drawn={labels} regression={false} both={(values?.length ?? 0) > 0} />}
      {values && values.length > 0 && <Curves drawn={values} regression both={(labels?.length ?? 0) > 0} />}
    </Section>
  );
}

type CurvesProps = { drawn: readonly Placed[]; regression: boolean; both: boolean };

function Curves({ drawn, regression, both }: CurvesProps) {
  const dark = useComputedColorScheme("light") === "dark";
  const measure = regression ? "macro_r2" : "macro_auroc";
  const named = regression ? "R²" : "AUROC";
  const { losses, scores, lossLayout, scoreLayout } = useMemo(() => {
    const colours = COLOURS[dark ? "dark" : "light"];
    const line = (
      { run, letter, place }: Placed,
      name: string,
      y: (epoch: Epoch) => number | null,
      dotted = false,
    ) => ({
      type: "scatter",
      mode: dotted ? "lines" : "lines+markers+text",
      name,
      x: run.epochs.map(({ epoch }) => epoch),
      y: run.epochs.map(y),
      line: { width: 2, color: colours[place], dash: dotted ? "dot" : "solid" },
      marker: { size: 7, symbol: MARKS[place], color: colours[place] },
      text: run.epochs.map((_, n) => (n === run.epochs.length - 1 ? letter : "")),
      // Not translated: a word of Plotly.
      textposition: "top center",
    });
    const all = drawn.map(({ run }) => run.epochs);
    const last = Math.max(...all.flatMap((epochs) => epochs.map(({ epoch }) => epoch)));
    const title = all.every(areStrengths) ? stepTitle(all[0] ?? []) : t`Epoch`;
    const xaxis = epochAxis(title, last, 0.8); // with room for the letter at the end of the line
    const lowest = Math.min(0, ...all.flatMap((epochs) => epochs.map((one) => one[measure] ?? 0)));
    return {
      losses: drawn.flatMap((one) => [
        line(one, t`${one.letter} validation`, ({ val_loss }) => val_loss),
        line(one, t`${one.letter} training`, ({ train_loss }) => train_loss, true),
      ]),
      scores: drawn.map((one) => line(one, one.letter, (epoch) => epoch[measure] ?? null)),
      lossLayout: { showlegend: true, xaxis, yaxis: { title: { text: t`Loss` }, rangemode: "tozero" } },
      scoreLayout: {
        showlegend: true,
        xaxis,
        yaxis: { title: { text: named }, range: [Math.max(-1, lowest) - 0.02, 1.06] },
      },
    };
  }, [drawn, dark, measure, named]);
  const strengths = drawn.filter(({ run }) => areStrengths(run.epochs)).map(({ letter }) => letter);
  return (
    <Stack gap="sm">
      {both && <Text fw={600}>{regression ? t`Trainings that estimate values` : t`Trainings that tell labels`}</Text>}
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Plot
          title={t`Loss on training and validation recordings`}
          traces={losses}
          layout={lossLayout}
          label={t`Losses of all trainings by epoch; the table below says the same.`}
        />
        <Plot
          title={regression ? t`R² on the validation recordings` : t`AUROC on the validation recordings`}
          traces={scores}
          layout={scoreLayout}
          label={t`Scores of all trainings by epoch; the table below says the same.`}
        />
      </SimpleGrid>
      <Text size="xs" c="dimmed" maw={860}>
        <Trans>
          Losses can be compared only where loss function, labels and validation recordings are the same. Validation
          recordings chose the best epoch: how good a model is, the test says.
        </Trans>
        {strengths.length > 0 && ` ${headOnly(strengths.join(", "))}`}
      </Text>
      <CurveTable drawn={drawn} measure={measure} named={named} />
    </Stack>
  );
}

function headOnly(letters: string): string {
  return t`Of ${letters} only the head is trained: a step is a strength of regularisation, not an epoch.`;
}

type TableProps = { drawn: readonly Placed[]; measure: "macro_r2" | "macro_auroc"; named: string };

/** The same in numbers; closed at first. */
function CurveTable({ drawn, measure, named }: TableProps) {
  const steps = [...new Set(drawn.flatMap(({ run }) => run.epochs.map(({ epoch }) => epoch)))].sort((a, b) => a - b);
  const columns = drawn.flatMap(({ run, letter }) => [
    { name: t`${letter}: training loss`, run, read: (one: Epoch) => one.train_loss },
    { name: t`${letter}: validation loss`, run, read: (one: Epoch) => one.val_loss },
    { name: `${letter}: ${named}`, run, read: (one: Epoch) => one[measure] ?? null },
  ]);
  return (
    <details>
      <summary>
        <Trans>The curves as a table</Trans>
      </summary>
      <Text size="sm" my={4}>
        {drawn.map(({ run, letter }) => bestText(letter, bestOf(run.epochs))).join(" ")}
      </Text>
      <Table.ScrollContainer
        minWidth={80 + 100 * columns.length}
        maxHeight={360}
        scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}
      >
        <Table className="numbers" aria-label={t`The curves as a table`}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t`Epoch`}</Table.Th>
              {columns.map(({ name }) => (
                <Table.Th key={name} ta="right">
                  {name}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {steps.map((step) => (
              <Table.Tr key={step}>
                <Table.Td>{step}</Table.Td>
                {columns.map(({ name, run, read }) => {
                  const epoch = run.epochs.find((one) => one.epoch === step);
                  return (
                    <Table.Td key={name} ta="right">
                      {epoch ? score(read(epoch)) : "–"}
                    </Table.Td>
                  );
                })}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </details>
  );
}

function bestText(letter: string, best: Epoch | null): string {
  const step = best?.epoch;
  return step === undefined ? t`${letter}: no best epoch.` : t`${letter}: best epoch ${step}.`;
}

type PlotProps = Omit<ComponentProps<typeof Chart>, "height"> & { title: string };

function Plot({ title, ...chart }: PlotProps) {
  return (
    <Paper withBorder p="md">
      <Text fw={600}>{title}</Text>
      <Chart height={320} {...chart} />
    </Paper>
  );
}
