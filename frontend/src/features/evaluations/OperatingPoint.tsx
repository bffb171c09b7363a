import { t } from "@lingui/core/macro";
import { Plural, Trans } from "@lingui/react/macro";
import { Button, Group, NumberInput, Paper, Select, SimpleGrid, Slider, Stack, Text } from "@mantine/core";
import type { ModelEvaluationDetail } from "@/api/types";
import { Note } from "@/components/Note";
import { Section } from "@/components/Page";
import { percentPlain } from "@/lib/format";
import { asEvaluation } from "./evaluation";
import { FourCells } from "./FourCells";
import { cannotTell, FEW } from "./few";
import { RULES } from "./OperatingPoints";
import { OutputsByTruth } from "./OutputsByTruth";
import { type CellName, cellsAt, cellsOf, effectiveAt } from "./operating";
import { Rates } from "./Rates";
import type { Chosen } from "./useChosen";
import { useDragged } from "./useDragged";

type Props = {
  evaluation: ModelEvaluationDetail;
  chosen: Chosen;
  onChange: (change: Partial<Chosen>, step?: boolean) => void;
};

/** One label: from which output on it is told, what that means for patients, and how the outputs lie. */
export function OperatingPoint({ evaluation, chosen, onChange }: Props) {
  const outputs = evaluation.result?.outputs.find(({ label }) => label === chosen.label);
  const scores = asEvaluation(evaluation.result?.evaluation)?.classes.find(({ label }) => label === chosen.label);
  const several = evaluation.task === "multi_label";
  const own = several ? (evaluation.thresholds[evaluation.labels.indexOf(chosen.label)] ?? 0.5) : 0.5;
  const settled = chosen.threshold ?? Math.round(1000 * own);
  const [dragged, setDragged] = useDragged(chosen.threshold, chosen.label);
  if (!outputs || !scores) return null;
  const step = dragged ?? settled;
  const isOwn = dragged === null && chosen.threshold === null;
  // The model's own threshold is exact, that of the slider goes in thousandths.
  const cells = isOwn && several && scores.confusion ? cellsOf(scores.confusion) : cellsAt(outputs, step);
  const threshold = isOwn ? own : step / 1000;
  const open = (cell: CellName) =>
    onChange({ cell, predicted: null, page: 1, ecg: null, threshold: isOwn && several ? null : step }, true);
  const patients = {
    present: scores.patients_with ?? outputs.n_patients_present,
    absent: scores.patients_without ?? outputs.n_absent,
  };
  const rule = evaluation.settings.threshold_rule ?? "own";
  const chosenFor = RULES[rule] ?? "";
  const ruleWords = rule === "own" ? t`the model’s own` : rule === "half" ? t`as for all labels` : t`for ${chosenFor}`;
  const ownShown = percentPlain(own);
  const told = evaluation.threshold_told;
  const { label } = chosen;
  const { n_present: nWith, n_patients_present: nPatients, n_absent: nWithout } = outputs;
  const onlyOneSide = cannotTell(chosen.label, outputs);
  const prevalence = chosen.prevalence ?? percentOf(evaluation.settings.prevalence?.[chosen.label]);
  return (
    <Paper withBorder p="md">
      <Section title={t`Threshold of a label`}>
        <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl">
          <Stack gap="md">
            <Group align="flex-start" gap="sm">
              <Select
                label={t`Label`}
                data={(evaluation.result?.outputs ?? []).map(({ label }) => label)}
                value={chosen.label}
                allowDeselect={false}
                searchable
                onChange={(label) =>
                  label && onChange({ label, threshold: null, cell: null, predicted: null, ecg: null })
                }
                style={{ flex: "1 1 180px" }}
              />
              <NumberInput
                label={t`Prevalence where it will be used`}
                description={t`In percent; changes PPV and NPV`}
                placeholder={t`as in this dataset`}
                inputWrapperOrder={["label", "input", "description"]}
                value={prevalence ?? ""}
                min={0.01}
                max={99.99}
                decimalScale={2}
                suffix=" %"
                onChange={(value) => onChange({ prevalence: typeof value === "number" ? value : null })}
                style={{ flex: "1 1 200px" }}
              />
            </Group>
            <Stack gap={4}>
              <Group justify="space-between" gap="xs">
                <Text size="sm" fw={600} id="threshold-label">
                  <Trans>Threshold</Trans>
                </Text>
                <Text size="sm" className="numbers" aria-live="polite">
                  {percentPlain(threshold)}
                  {isOwn && (several ? `, ${ruleWords}` : "")}
                </Text>
              </Group>
              <Slider
                thumbProps={{ "aria-labelledby": "threshold-label" }}
                thumbLabel={t`Threshold`}
                min={0}
                max={1000}
                step={1}
                value={step}
                label={(value) => percentPlain(value / 1000, 1)}
                marks={[{ value: Math.round(1000 * own) }]}
                onChange={setDragged}
                onChangeEnd={(value) => {
                  setDragged(value === chosen.threshold ? null : value);
                  onChange({ threshold: value, page: 1, ecg: null });
                }}
              />
              <Group justify="space-between" gap="xs">
                <Text size="xs" c="dimmed" maw={420}>
                  {several
                    ? t`Threshold: ${told}. One that is chosen here suits these recordings and will do worse on others.`
                    : t`The model chooses the most probable of its labels and uses no threshold. Here you see what it would do if this label were told from a threshold on.`}
                </Text>
                {!isOwn && (
                  <Button
                    size="compact-sm"
                    variant="default"
                    onClick={() => {
                      setDragged(null);
                      onChange({ threshold: null, cell: null, ecg: null });
                    }}
                  >
                    {several ? t`Back to ${ownShown} (${ruleWords})` : t`Back to 50 %`}
                  </Button>
                )}
              </Group>
            </Stack>
            <FourCells
              label={chosen.label}
              cells={cells}
              chosen={chosen.predicted ? null : chosen.cell}
              onOpen={open}
            />
            <Text size="sm" c="dimmed">
              <Trans>
                <Plural value={nWith} one="# recording" other="# recordings" /> with {label} (
                <Plural value={nPatients} one="# patient" other="# patients" />
                ), <Plural value={nWithout} one="# recording" other="# recordings" /> without. Select a number to see
                the ECGs behind it.
              </Trans>
            </Text>
          </Stack>
          <Stack gap="md">
            {onlyOneSide && <Note tone="warn" title={onlyOneSide} />}
            <Rates
              cells={cells}
              effective={effectiveAt(outputs, step)}
              prevalence={prevalence === null ? null : prevalence / 100}
              patients={patients}
              measured={isOwn && several ? scores : undefined}
            />
            {Math.min(patients.present, patients.absent) >= FEW && (
              <OutputsByTruth outputs={outputs} threshold={threshold} />
            )}
          </Stack>
        </SimpleGrid>
      </Section>
    </Paper>
  );
}

function percentOf(share: number | undefined): number | null {
  return share === undefined ? null : Number((100 * share).toPrecision(6));
}
