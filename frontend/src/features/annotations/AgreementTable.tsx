import { plural, t } from "@lingui/core/macro";
import { Plural, Trans } from "@lingui/react/macro";
import { Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { agreementQuery } from "@/api/annotations";
import type { Agreement } from "@/api/types";
import { Help } from "@/components/Help";
import { Note, Problem } from "@/components/Note";
import { Loading, Section } from "@/components/Page";
import { signed } from "@/lib/format";

type Kappa = Agreement["pairs"][number]["kappa"];

/** How far each pair of readers agrees, over all labels and for each. */
export function AgreementSection({ projectId, labelSetId }: { projectId: string; labelSetId: string }) {
  const found = useQuery(agreementQuery(projectId, labelSetId));
  return (
    <Section
      title={t`Agreement`}
      actions={
        <Help about={t`Cohen's kappa`}>
          <Trans>
            How far two readers agree beyond chance: 1 is full agreement, 0 what chance would give. In brackets the 95 %
            interval.
          </Trans>
        </Help>
      }
    >
      {found.isPending && <Loading lines={3} label={t`Comparing readers`} />}
      <Problem error={found.error} title={t`Readers cannot be compared`} />
      {found.data && <AgreementTables agreement={found.data} />}
    </Section>
  );
}

export function AgreementTables({ agreement }: { agreement: Agreement }) {
  if (agreement.pairs.length === 0)
    return (
      <Text size="sm">
        <Trans>No two readers have read the same ECG yet.</Trans>
      </Text>
    );
  return (
    <Stack gap="md">
      {!agreement.independent && (
        <Note tone="info">
          <Trans>This set is not blind: readers could see what others had said, which raises agreement.</Trans>
        </Note>
      )}
      {agreement.n_sighted > 0 && (
        <Note tone="info">
          <Plural
            value={agreement.n_sighted}
            one="# reading changed after others were shown: what was said before counts here."
            other="# readings changed after others were shown: what was said before counts here."
          />
        </Note>
      )}
      {agreement.pairs.map((pair) => (
        <Table.ScrollContainer key={`${pair.first} ${pair.second}`} minWidth={320}>
          <Table
            className="numbers"
            captionSide="top"
            aria-label={t`${{ first: pair.first }} and ${{ second: pair.second }}`}
          >
            <Table.Caption ta="left">{alikeText(pair)}</Table.Caption>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>
                  <Trans>Label</Trans>
                </Table.Th>
                <Table.Th ta="right">{pair.first}</Table.Th>
                <Table.Th ta="right">{pair.second}</Table.Th>
                <Table.Th ta="right">
                  <Trans>Both</Trans>
                </Table.Th>
                <Table.Th ta="right">
                  <Trans>Kappa (95 % interval)</Trans>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              <Table.Tr fw={650}>
                <Table.Td>
                  <Trans>All labels</Trans>
                </Table.Td>
                <Table.Td ta="right">{pair.n}</Table.Td>
                <Table.Td ta="right">{pair.n}</Table.Td>
                <Table.Td ta="right">{pair.n_agreed}</Table.Td>
                <Table.Td ta="right">{kappaText(pair.kappa)}</Table.Td>
              </Table.Tr>
              {pair.labels.map((one) => (
                <Table.Tr key={one.label}>
                  <Table.Td>{one.label}</Table.Td>
                  <Table.Td ta="right">{one.n_first}</Table.Td>
                  <Table.Td ta="right">{one.n_second}</Table.Td>
                  <Table.Td ta="right">{one.n_both}</Table.Td>
                  <Table.Td ta="right">{kappaText(one.kappa)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      ))}
    </Stack>
  );
}

export function kappaText({ value, low, high, withheld }: Kappa): string {
  if (value === null) return withheld ?? t`not defined`;
  const text = (one: number | null) => (one === null ? "–" : signed(one, 2));
  return t`${{ value: text(value) }} (${{ low: text(low) }} to ${{ high: text(high) }})`;
}

function alikeText({ first, second, n_agreed, n }: Agreement["pairs"][number]): string {
  return plural(n, {
    one: `${first} and ${second}: ${n_agreed} of # ECG alike`,
    other: `${first} and ${second}: ${n_agreed} of # ECGs alike`,
  });
}
