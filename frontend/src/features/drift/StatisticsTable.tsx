import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Table, Text } from "@mantine/core";
import type { DriftResult } from "@/api/types";
import { Section } from "@/components/Page";
import { fixed, percentPlain, valueText } from "@/lib/format";
import { flagText, sizeOf, statistic } from "./verdict";

const CHANCE = 0.01; // of all statistics together, as in the check itself

/** The signal statistics of both sides, those that differ most first. */
export function StatisticsTable({ result }: { result: DriftResult }) {
  const shifts = [...result.shifts].sort((a, b) => b.psi - a.psi);
  return (
    <Section title={t`Signals in numbers`}>
      <Text size="sm" c="dimmed">
        <Trans>
          Medians of both sides. The shift is the population stability index: below 0.1 none to speak of, from 0.25 on
          large.
        </Trans>
      </Text>
      <Table.ScrollContainer minWidth={680} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
        <Table className="numbers" aria-label={t`Signal statistics`}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>
                <Trans>Statistic</Trans>
              </Table.Th>
              <Table.Th ta="right">
                <Trans>In training</Trans>
              </Table.Th>
              <Table.Th ta="right">
                <Trans>Here</Trans>
              </Table.Th>
              <Table.Th ta="right">
                <Trans>Shift</Trans>
              </Table.Th>
              <Table.Th>
                <Trans>In words</Trans>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shifts.map(({ name, usual, here, psi, p }) => {
              const [title, unit] = statistic(name);
              return (
                <Table.Tr key={name}>
                  <Table.Td>
                    {title}
                    {unit && ` (${unit})`}
                  </Table.Td>
                  <Table.Td ta="right">{valueText(usual)}</Table.Td>
                  <Table.Td ta="right">{valueText(here)}</Table.Td>
                  <Table.Td ta="right">{fixed(psi, 2)}</Table.Td>
                  <Table.Td>{p < CHANCE / shifts.length ? sizeOf(psi) : t`no more than chance`}</Table.Td>
                </Table.Tr>
              );
            })}
            {result.shares.map(({ name, usual, here }) => (
              <Table.Tr key={name}>
                <Table.Td>{flagText(name)}</Table.Td>
                <Table.Td ta="right">{percentPlain(usual, 1)}</Table.Td>
                <Table.Td ta="right">{percentPlain(here, 1)}</Table.Td>
                <Table.Td ta="right">–</Table.Td>
                <Table.Td>
                  <Trans>share of ECGs</Trans>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Section>
  );
}
