import { t } from "@lingui/core/macro";
import { Plural, Trans } from "@lingui/react/macro";
import { Paper, Table, Text } from "@mantine/core";
import type { ClassResult, EvaluationResult } from "@/api/types";
import { Section } from "@/components/Page";
import { region } from "@/language/language";
import { digitsOfShare, percentPlain } from "@/lib/format";
import { withInterval } from "./estimate";
import { asEvaluation } from "./evaluation";

const RATES = [
  ["recall", t`Sensitivity`],
  ["specificity", t`Specificity`],
  ["precision", "PPV"],
  ["npv", "NPV"],
] as const;

/** How often a model that may abstain answers, and how good it is where it does, above what it is if it always answers. */
export function AbstentionTable({ result }: { result: EvaluationResult }) {
  const { abstention } = result;
  if (!abstention) return null;
  const digits = digitsOfShare(result.n);
  const classes = asEvaluation(result.evaluation)?.classes ?? [];
  const nOpen = abstention.n_open;
  const [error, total] = [percentPlain(abstention.error), result.n.toLocaleString(region())];
  const always = (label: string): ClassResult | undefined => classes.find((one) => one.label === label);
  return (
    <Paper withBorder p="md">
      <Section title={t`Left open by the model`}>
        <Text size="sm" maw={760}>
          <Trans>
            The model leaves a label open where it would be wrong in more than {error} of recordings. It does so for at
            least one label of <Plural value={nOpen} one="# recording" other="# recordings" /> of {total}. The confusion
            matrix and the other numbers count these by their threshold, as if it always answered.
          </Trans>
        </Text>
        <Table.ScrollContainer minWidth={900} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
          <Table className="numbers" aria-label={t`Where the model answers, and if it always did`}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>
                  <Trans>Label</Trans>
                </Table.Th>
                <Table.Th>
                  <Trans>Recordings</Trans>
                </Table.Th>
                <Table.Th ta="right">
                  <Trans>Share answered</Trans>
                </Table.Th>
                {RATES.map(([name, title]) => (
                  <Table.Th key={name} ta="right">
                    {title}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {abstention.labels.flatMap((one) => {
                const [n, answered] = [one.n, one.n - one.n_open].map((number) => number.toLocaleString(region()));
                return [
                  <Table.Tr key={one.label}>
                    <Table.Td className="name">{one.label}</Table.Td>
                    <Table.Td>
                      <Trans>
                        answered: {answered} of {n}
                      </Trans>
                    </Table.Td>
                    <Table.Td ta="right">{withInterval(one.coverage, digits)}</Table.Td>
                    {RATES.map(([name]) => (
                      <Table.Td key={name} ta="right">
                        {withInterval(one[name], digits)}
                      </Table.Td>
                    ))}
                  </Table.Tr>,
                  <Table.Tr key={`${one.label}, all`}>
                    <Table.Td />
                    <Table.Td>
                      <Trans>all {n}</Trans>
                    </Table.Td>
                    <Table.Td />
                    {RATES.map(([name]) => {
                      const found = always(one.label)?.[name];
                      return (
                        <Table.Td key={name} ta="right">
                          {found ? withInterval(found, digits) : "–"}
                        </Table.Td>
                      );
                    })}
                  </Table.Tr>,
                ];
              })}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      </Section>
    </Paper>
  );
}
