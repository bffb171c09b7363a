import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Paper, Table, Text } from "@mantine/core";
import type { Evaluation } from "@/api/types";
import { Section } from "@/components/Page";
import { digitsOfShare, percentPlain } from "@/lib/format";
import { withInterval } from "./estimate";

/** By what a threshold can be chosen, in words. */
export const RULES: Record<string, string> = {
  f1: t`best F1`,
  fmax: t`best F over all labels (Fmax)`,
  youden: t`best sensitivity + specificity`,
  sensitivity_90: t`90 % sensitivity`,
  specificity_90: t`90 % specificity`,
  costs: t`lowest cost`,
};

/** The same model with other thresholds, each chosen at its training by a rule; nothing where there are none. */
export function OperatingPoints({ evaluation }: { evaluation: Evaluation }) {
  const classes = evaluation.classes.filter(({ operating_points }) => (operating_points ?? []).length > 0);
  if (classes.length === 0) return null;
  const digits = digitsOfShare(evaluation.n);
  return (
    <Paper withBorder p="md">
      <Section title={t`Other thresholds`}>
        <Text size="sm">
          {evaluation.cross_validation
            ? t`Thresholds were chosen on the out-of-fold outputs of all recordings. For the numbers each recording was judged by thresholds chosen on the other folds, so that 90 % sensitivity there may be a little more or less here.`
            : t`Thresholds were chosen on the validation recordings; the numbers are those of the test recordings, so that 90 % sensitivity there may be a little more or less here.`}
        </Text>
        <Table.ScrollContainer minWidth={820} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
          <Table className="numbers" aria-label={t`Other thresholds`}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>
                  <Trans>Label</Trans>
                </Table.Th>
                <Table.Th>
                  <Trans>Chosen for</Trans>
                </Table.Th>
                <Table.Th ta="right">
                  <Trans>Threshold</Trans>
                </Table.Th>
                <Table.Th ta="right">
                  <Trans>Sensitivity</Trans>
                </Table.Th>
                <Table.Th ta="right">
                  <Trans>Specificity</Trans>
                </Table.Th>
                <Table.Th ta="right">
                  <Trans>PPV</Trans>
                </Table.Th>
                <Table.Th ta="right">
                  <Trans>NPV</Trans>
                </Table.Th>
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
