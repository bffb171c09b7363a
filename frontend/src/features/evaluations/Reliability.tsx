import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Group, Paper, SimpleGrid, Stack, Table, Text } from "@mantine/core";
import type { CalibrationResult, Evaluation } from "@/api/types";
import { Help } from "@/components/Help";
import { Section } from "@/components/Page";
import { region } from "@/language/language";
import { digitsOfPercent, percent } from "@/lib/format";
import { withInterval } from "./estimate";
import { enough, FEW } from "./few";

const SIDE = 220;
const EDGE = 30;
const at = (share: number) => EDGE + share * SIDE;
const up = (share: number) => SIDE + EDGE / 3 - share * SIDE;

/** Whether probabilities are frequencies: for each label what was said against what was so, drawn and as a table. */
export function Reliability({ evaluation }: { evaluation: Evaluation }) {
  // Whether a dot is shown must not depend on how many have the label: then those with too many would be shown.
  const classes = evaluation.classes.filter(({ calibration }) => calibration && told(calibration).length > 0);
  if (classes.length === 0) return null;
  const few = classes.filter((item) => !enough(item));
  return (
    <Paper withBorder p="md">
      <Section title={t`Are the probabilities right?`}>
        <Group gap={4}>
          <Text size="sm">
            <Trans>What slope, intercept and Brier score mean</Trans>
          </Text>
          <Help about={t`calibration`}>
            <Trans>
              <b>Slope</b>: 1 is right; below 1, probabilities are too extreme (high ones too high, low ones too low).{" "}
              <b>Intercept</b>: 0 is right; below 0, probabilities are too high on the whole, above 0 too low.{" "}
              <b>Brier score</b>: the mean squared difference between probability and truth; 0 is perfect. Compare it
              only for the same label: the rarer the label, the lower it is by itself.
            </Trans>
          </Help>
        </Group>
        <Text size="sm">
          <Trans>
            Of recordings given 70 %, about 70 of 100 should have the label: then dots lie on the line. Below it,
            probabilities are too high.
          </Trans>
          {typeof evaluation.ece === "number" && ` ${offBy(evaluation, evaluation.ece)}`}
        </Text>
        <Labels classes={classes.filter(enough)} />
        {few.length > 0 && (
          <details>
            <summary>
              {plural(few.length, {
                one: "# label that fewer than five patients have, or lack",
                other: "# labels that fewer than five patients have, or lack",
              })}
            </summary>
            <Labels classes={few} />
          </details>
        )}
      </Section>
    </Paper>
  );
}

function offBy(evaluation: Evaluation, ece: number): string {
  const { ece_uncalibrated: before, ece_by_chance: chance } = evaluation;
  const digits = digitsOfPercent(evaluation.n_patients ?? evaluation.n);
  const now = percent(ece, digits);
  const [was, byChance] = [percent(before ?? 0, digits), percent(chance ?? 0, digits)];
  const off =
    typeof before === "number"
      ? t`Probabilities are off by ${now} on average (expected calibration error), before calibration by ${was}.`
      : t`Probabilities are off by ${now} on average (expected calibration error).`;
  if (typeof chance !== "number") return off;
  return `${off} ${t`By chance alone, with so few recordings, even perfectly calibrated probabilities would be off by ${byChance}.`}`;
}

function Labels({ classes }: { classes: Evaluation["classes"] }) {
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
      {classes.map(
        ({ label, calibration, uncalibrated }) =>
          calibration && <Label key={label} label={label} now={calibration} before={uncalibrated} />,
      )}
    </SimpleGrid>
  );
}

type LabelProps = { label: string; now: CalibrationResult; before: CalibrationResult | null };

function Label({ label, now, before }: LabelProps) {
  const bins = told(now);
  const [slope, intercept] = [withInterval(now.slope, 2), withInterval(now.intercept, 2)];
  const brier = withInterval(now.brier, 3);
  const slopeBefore = before ? withInterval(before.slope, 2) : "";
  return (
    <Stack gap={4}>
      <Text fw={600}>{label}</Text>
      <Plot label={label} now={now} before={before} />
      <Text size="sm" className="numbers">
        <Trans>
          Slope {slope}, intercept {intercept}, Brier score {brier}
        </Trans>
        {before && `; ${t`before calibration: slope ${slopeBefore}`}`}
      </Text>
      <details>
        <summary>
          <Trans>Numbers of {label}</Trans>
        </summary>
        <Table.ScrollContainer minWidth={300} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
          <Table className="numbers" aria-label={t`Probabilities of ${label} and what was so`}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th ta="right">
                  <Trans>Predicted</Trans>
                </Table.Th>
                <Table.Th ta="right">
                  <Trans>Recordings</Trans>
                </Table.Th>
                <Table.Th ta="right">
                  <Trans>Have the label, % (95 % CI)</Trans>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {bins.map((bin) => (
                <Table.Tr key={bin.low}>
                  <Table.Td ta="right">{percent(bin.predicted)}</Table.Td>
                  <Table.Td ta="right">{bin.n.toLocaleString(region())}</Table.Td>
                  <Table.Td ta="right">{withInterval(inPerCent(bin.observed), 0)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      </details>
    </Stack>
  );
}

/** The bins that say something; those of earlier versions may hold a single recording. */
function told({ bins }: CalibrationResult) {
  return bins.filter(({ n }) => n >= FEW);
}

function inPerCent({ value, low, high, withheld }: CalibrationResult["bins"][number]["observed"]) {
  const hundred = (share: number | null) => (share === null ? null : 100 * share);
  return { value: hundred(value), low: hundred(low), high: hundred(high), withheld };
}

/** Said along x, was so along y: filled dots with their intervals; hollow ones are those before calibration. */
function Plot({ label, now, before }: LabelProps) {
  return (
    <svg
      viewBox={`0 0 ${SIDE + EDGE + 20} ${SIDE + EDGE + 14}`}
      role="img"
      aria-label={t`Reliability of ${label}: predicted probability against the share with the label; the table below says the same.`}
      style={{ maxWidth: 320, width: "100%" }}
      fill="currentColor"
      fontSize={10}
    >
      <rect x={at(0)} y={up(1)} width={SIDE} height={SIDE} fill="none" stroke="#8b98a3" />
      <line x1={at(0)} y1={up(0)} x2={at(1)} y2={up(1)} stroke="#8b98a3" strokeDasharray="2 3" />
      {[0, 0.5, 1].map((share) => (
        <g key={share}>
          <text x={at(share)} y={up(0) + 13} textAnchor="middle">
            {percent(share)}
          </text>
          <text x={at(0) - 4} y={up(share) + 3} textAnchor="end">
            {100 * share}
          </text>
        </g>
      ))}
      <text x={at(0.5)} y={up(0) + 26} textAnchor="middle">
        <Trans>predicted</Trans>
      </text>
      {before &&
        told(before).map((bin) => (
          <circle
            key={bin.low}
            cx={at(bin.predicted)}
            cy={up(bin.observed.value ?? 0)}
            r={3}
            fill="none"
            stroke="#b5651d"
          />
        ))}
      {told(now).map((bin) => (
        <g key={bin.low} stroke="#0c7a89" fill="#0c7a89">
          {bin.observed.low !== null && bin.observed.high !== null && (
            <line
              x1={at(bin.predicted)}
              x2={at(bin.predicted)}
              y1={up(bin.observed.low)}
              y2={up(bin.observed.high)}
              strokeWidth={1.5}
            />
          )}
          <circle cx={at(bin.predicted)} cy={up(bin.observed.value ?? 0)} r={3.5} />
        </g>
      ))}
    </svg>
  );
}
