import { t } from "@lingui/core/macro";
import { Plural, Trans } from "@lingui/react/macro";
import { Table, Text } from "@mantine/core";
import type { DatasetStatistics } from "@/api/types";
import { TextLink } from "@/components/ButtonLink";
import { Section } from "@/components/Page";
import { region } from "@/language/language";
import type { RecordingList } from "@/lib/recordingList";

/** Ages in decades, women to the left and men to the right, as a population pyramid. */
export function AgeBySex({ statistics, to }: { statistics: DatasetStatistics; to: (list: RecordingList) => string }) {
  const { age } = statistics;
  if (age.length === 0) return null;
  const most = Math.max(1, ...age.flatMap((one) => [one.female, one.male]));
  const some = age.some((one) => one.unknown > 0);
  return (
    <Section title={t`Age and sex`}>
      <Table className="numbers" aria-label={t`Age and sex`} verticalSpacing={3} maw={760}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th ta="right" w={64}>
              <Trans>Female</Trans>
            </Table.Th>
            <Table.Td />
            <Table.Th ta="center" w={130}>
              <Trans>Years</Trans>
            </Table.Th>
            <Table.Td />
            <Table.Th w={64}>
              <Trans>Male</Trans>
            </Table.Th>
            {some && (
              <Table.Th ta="right">
                <Trans>Sex not known</Trans>
              </Table.Th>
            )}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {age.map((one) => {
            const of = { age_min: String(one.low), ...(one.high === null ? {} : { age_max: String(one.high - 1) }) };
            const years = one.high === null ? t`${{ low: one.low }} and more` : `${one.low}–${one.high - 1}`;
            return (
              <Table.Tr key={one.low}>
                <Table.Td ta="right">
                  <Linked n={one.female} to={to({ ...of, sex: "F" })} />
                </Table.Td>
                <Table.Td aria-hidden="true">
                  <div className="bar" style={{ width: `${(100 * one.female) / most}%`, marginLeft: "auto" }} />
                </Table.Td>
                <Table.Td ta="center">
                  <TextLink to={to(of)}>{years}</TextLink>
                </Table.Td>
                <Table.Td aria-hidden="true">
                  <div className="bar" data-second style={{ width: `${(100 * one.male) / most}%` }} />
                </Table.Td>
                <Table.Td>
                  <Linked n={one.male} to={to({ ...of, sex: "M" })} />
                </Table.Td>
                {some && <Table.Td ta="right">{one.unknown.toLocaleString(region())}</Table.Td>}
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
      {statistics.n_without_age > 0 && (
        <Text size="sm">
          <Plural
            value={statistics.n_without_age}
            one="Of # recording the age is not known."
            other="Of # recordings the age is not known."
          />
        </Text>
      )}
    </Section>
  );
}

function Linked({ n, to }: { n: number; to: string }) {
  return n > 0 ? <TextLink to={to}>{n.toLocaleString(region())}</TextLink> : "0";
}
