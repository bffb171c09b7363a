import { t } from "@lingui/core/macro";
import { Plural, Trans } from "@lingui/react/macro";
import { Table, Text } from "@mantine/core";
import { Fragment } from "react";
import type { EvaluationGroup, EvaluationResult } from "@/api/types";
import { Section } from "@/components/Page";
import { region } from "@/language/language";
import { digitsOfShare } from "@/lib/format";
import { withInterval } from "./estimate";

const KINDS: Record<string, string> = {
  sex: t`Sex`,
  age: t`Age in years`,
  device: t`Device`,
  source: t`Folder or format of the files`,
  quality: t`Findings about the signal at import`,
};

type Named = readonly [of: RegExp, name: (first: string, second: string) => string];

/** Groups that the platform names itself; all others are called what the files call them. */
const NAMED: Record<string, readonly Named[]> = {
  sex: [
    [/^female$/, () => t`female`],
    [/^male$/, () => t`male`],
  ],
  age: [
    [/^under (\d+)$/, (age) => t`under ${age}`],
    [/^(\d+) to (\d+)$/, (from, to) => t`${from} to ${to}`],
    [/^(\d+) and over$/, (age) => t`${age} and over`],
  ],
  quality: [
    [/^with findings$/, () => t`with findings`],
    [/^without findings$/, () => t`without findings`],
  ],
};
const REST: readonly Named[] = [
  [/^not stated$/, () => t`not stated`],
  [/^all others$/, () => t`all others`],
];

export function groupName(kind: string, group: string): string {
  for (const [of, name] of [...(NAMED[kind] ?? []), ...REST]) {
    const [found, first = "", second = ""] = of.exec(group) ?? [];
    if (found !== undefined) return name(first, second);
  }
  return group;
}

/** The same numbers in groups of recordings: a model may be worse for some patients or devices than for all together. */
export function GroupsTable({ result, label }: { result: EvaluationResult; label: string }) {
  if (result.groups.length === 0) return null;
  const values = result.evaluation.task === "regression";
  const digits = digitsOfShare(result.n);
  const { n } = result;
  const kinds = [...new Set(result.groups.map(({ kind }) => kind))];
  return (
    <Section title={values ? t`Groups` : t`Groups: ${label}`}>
      <Text size="sm" maw={760}>
        <Trans>Small groups have wide intervals: compare intervals, not single numbers.</Trans>
        {!values && ` ${t`–: nobody in the group has the label, or nobody is without it.`}`}
      </Text>
      <Table.ScrollContainer minWidth={760} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
        <Table className="numbers" aria-label={t`Groups`}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>
                <Trans>Group</Trans>
              </Table.Th>
              <Table.Th ta="right">
                <Trans>Patients</Trans>
              </Table.Th>
              <Table.Th ta="right">
                <Trans>Recordings</Trans>
              </Table.Th>
              <Table.Th ta="right">{values ? t`With a value` : t`With the label`}</Table.Th>
              {values ? (
                <Table.Th ta="right">
                  <Trans>Mean absolute error (95 % CI)</Trans>
                </Table.Th>
              ) : (
                <>
                  <Table.Th ta="right">
                    <Trans>Sensitivity (95 % CI)</Trans>
                  </Table.Th>
                  <Table.Th ta="right">
                    <Trans>Specificity (95 % CI)</Trans>
                  </Table.Th>
                  <Table.Th ta="right">
                    <Trans>AUROC (95 % CI)</Trans>
                  </Table.Th>
                </>
              )}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {kinds.map((kind) => (
              <Fragment key={kind}>
                <Table.Tr>
                  <Table.Th colSpan={values ? 5 : 7} scope="rowgroup">
                    {KINDS[kind] ?? kind}
                  </Table.Th>
                </Table.Tr>
                {result.groups
                  .filter((group) => group.kind === kind)
                  .map((group) => (
                    <Row key={group.group} group={group} label={label} values={values} digits={digits} />
                  ))}
              </Fragment>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Text size="xs" c="dimmed">
        <Trans>
          <Plural value={n} one="# recording" other="# recordings" /> in all. A group that is named nowhere in the files
          is “not stated”.
        </Trans>
      </Text>
    </Section>
  );
}

type RowProps = { group: EvaluationGroup; label: string; values: boolean; digits: number };

function Row({ group, label, values, digits }: RowProps) {
  const one = group.labels.find((item) => item.label === label) ?? group.labels[0];
  return (
    <Table.Tr>
      <Table.Td className="name" style={{ paddingLeft: 20 }}>
        {groupName(group.kind, group.group)}
      </Table.Td>
      <Table.Td ta="right">{group.n_patients.toLocaleString(region())}</Table.Td>
      <Table.Td ta="right">{group.n.toLocaleString(region())}</Table.Td>
      <Table.Td ta="right">{one?.support.toLocaleString(region()) ?? "–"}</Table.Td>
      {values ? (
        <Table.Td ta="right">{one?.mae ? withInterval(one.mae) : "–"}</Table.Td>
      ) : (
        <>
          <Table.Td ta="right">{one?.recall ? withInterval(one.recall, digits) : "–"}</Table.Td>
          <Table.Td ta="right">{one?.specificity ? withInterval(one.specificity, digits) : "–"}</Table.Td>
          <Table.Td ta="right">{one?.auroc ? withInterval(one.auroc, digits) : "–"}</Table.Td>
        </>
      )}
    </Table.Tr>
  );
}
