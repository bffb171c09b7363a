import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Table, Text } from "@mantine/core";
import type { Estimate, SourceScore } from "@/api/types";
import { score } from "@/lib/format";
import { Section } from "./Page";

const KINDS: Record<string, string> = {
  device: t`Device`,
  folder: t`Folder`,
  format: t`File format`,
  import: t`Import`,
};

type Props = {
  by: string;
  measure: "macro_auroc" | "macro_r2";
  sources: readonly SourceScore[];
  /** Of the candidates, in the order of the scores; one without titles. */
  titles?: readonly string[];
};

/** How good models are on each source that none of their training came from; nothing where folds are no sources. */
export function SourceTable({ by, measure, sources, titles = [] }: Props) {
  if (sources.length === 0) return null;
  const what = measure === "macro_r2" ? t`R², mean over values` : t`AUROC, mean over labels`;
  const heads = titles.length > 0 ? titles : [what];
  return (
    <Section title={t`Each source apart`}>
      <Text size="sm" c="dimmed">
        <Trans>
          {what}, with 95 % intervals. Each source was tested by a model that had learned from the other ones; a mean
          over all hides the worst.
        </Trans>
      </Text>
      <Table.ScrollContainer minWidth={480} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
        <Table className="numbers" aria-label={t`Each source apart`}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{KINDS[by] ?? by}</Table.Th>
              <Table.Th ta="right">
                <Trans>Recordings</Trans>
              </Table.Th>
              <Table.Th ta="right">
                <Trans>Patients</Trans>
              </Table.Th>
              {heads.map((title) => (
                <Table.Th key={title} ta="right">
                  {title}
                </Table.Th>
              ))}
              <Table.Th>
                <Trans>Labels</Trans>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {sources.map((one) => (
              <Table.Tr key={one.name ?? ""}>
                <Table.Td>{one.name ?? smallOnes(one.n_sources)}</Table.Td>
                <Table.Td ta="right">{one.n}</Table.Td>
                <Table.Td ta="right">{one.n_patients}</Table.Td>
                {heads.map((title, place) => (
                  <Table.Td key={title} ta="right">
                    {written(one.scores[place])}
                  </Table.Td>
                ))}
                <Table.Td>{one.labels.join(", ") || "–"}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Section>
  );
}

function smallOnes(n: number): string {
  return plural(n, { one: "# source of few patients", other: "# sources of few patients" });
}

function written(estimate: Estimate | undefined): string {
  if (!estimate || estimate.value === null) return t`too few to say`;
  const [value, low, high] = [score(estimate.value), score(estimate.low), score(estimate.high)];
  return estimate.low === null || estimate.high === null ? value : t`${value} (${low} to ${high})`;
}
