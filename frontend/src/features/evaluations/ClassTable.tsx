import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Table } from "@mantine/core";
import type { Evaluation } from "@/api/types";
import { Section } from "@/components/Page";
import { region } from "@/language/language";
import { digitsOfShare, percentPlain } from "@/lib/format";
import { withInterval } from "./estimate";

const MEASURES = [
  ["recall", t`Sensitivity`],
  ["specificity", t`Specificity`],
  ["precision", "PPV"],
  ["npv", "NPV"],
  ["f1", "F1"],
  ["auroc", "AUROC"],
  ["average_precision", "AUPRC"],
] as const;

/** How well each label is predicted; in brackets the 95 % intervals. */
export function ClassTable({ evaluation }: { evaluation: Evaluation }) {
  const multi = evaluation.task === "multi_label";
  const digits = digitsOfShare(evaluation.n);
  return (
    <Section title={t`Results for each label`}>
      <Table.ScrollContainer minWidth={980} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
        <Table className="numbers" aria-label={t`Results for each label`}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>
                <Trans>Label</Trans>
              </Table.Th>
              <Table.Th ta="right">
                <Trans>Recordings</Trans>
              </Table.Th>
              {MEASURES.map(([name, title]) => (
                <Table.Th key={name} ta="right">
                  {title}
                </Table.Th>
              ))}
              {multi && (
                <Table.Th ta="right">
                  <Trans>Threshold</Trans>
                </Table.Th>
              )}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {evaluation.classes.map((item, index) => (
              <Table.Tr key={item.label}>
                <Table.Td className="name">{item.label}</Table.Td>
                <Table.Td ta="right">{item.support?.toLocaleString(region()) ?? t`withheld`}</Table.Td>
                {MEASURES.map(([name]) => (
                  <Table.Td key={name} ta="right" style={{ minWidth: 92 }}>
                    {withInterval(item[name], digits)}
                  </Table.Td>
                ))}
                {multi && <Table.Td ta="right">{percentPlain(evaluation.thresholds[index] ?? 0.5)}</Table.Td>}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Section>
  );
}
