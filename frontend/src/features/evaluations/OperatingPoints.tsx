import { Paper, Table, Text } from "@mantine/core";
import type { Evaluation } from "@/api/types";
import { Section } from "@/components/Page";
import { digitsOfShare, percentPlain } from "@/lib/format";
import { withInterval } from "./estimate";

/** By what a threshold can be chosen, in words. */
export const RULES: Record<string, string> = {
  f1: "best F1",
  fmax: "best F over all labels (Fmax)",
  youden: "best sensitivity + specificity",
  sensitivity_90: "90 % sensitivity",
  specificity_90: "90 % specificity",
  costs: "lowest cost",
};

/** The same model with other thresholds, each chosen at its training by a rule; nothing where there are none. */
export function OperatingPoints({ evaluation }: { evaluation: Evaluation }) {
  const classes = evaluation.classes.filter(({ operating_points }) => (operating_points ?? []).length > 0);
  if (classes.length === 0) return null;
  const digits = digitsOfShare(evaluation.n);
  return (
    <Paper withBorder p="md">
      <Section title="Other thresholds">
        <Text size="sm">
          {evaluation.cross_validation
            ? "Thresholds were chosen on the out-of-fold outputs of all recordings. For the numbers each recording was judged by thresholds chosen on the other folds, so that 90 % sensitivity there may be a little more or less here."
            : "Thresholds were chosen on the validation recordings; the numbers are those of the test recordings, so that 90 % sensitivity there may be a little more or less here."}
        </Text>
        <Table.ScrollContainer minWidth={820} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
          <Table className="numbers" aria-label="Other thresholds">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Label</Table.Th>
                <Table.Th>Chosen for</Table.Th>
                <Table.Th ta="right">Threshold</Table.Th>
                <Table.Th ta="right">Sensitivity</Table.Th>
                <Table.Th ta="right">Specificity</Table.Th>
                <Table.Th ta="right">PPV</Table.Th>
                <Table.Th ta="right">NPV</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {classes.flatMap(({ label, operating_points }) =>
                operating_points.map((point) => (
                  <Table.Tr key={`${label} ${point.rule}`}>
                    <Table.Td className="name">{label}</Table.Td>
                    <Table.Td>{RULES[point.rule] ?? point.rule}</Table.Td>
                    <Table.Td ta="right">{percentPlain(point.threshold)}</Table.Td>
                    <Table.Td ta="right">{withInterval(point.sensitivity, digits)}</Table.Td>
                    <Table.Td ta="right">{withInterval(point.specificity, digits)}</Table.Td>
                    <Table.Td ta="right">{withInterval(point.precision, digits)}</Table.Td>
                    <Table.Td ta="right">{withInterval(point.npv, digits)}</Table.Td>
                  </Table.Tr>
                )),
              )}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      </Section>
    </Paper>
  );
}
