import { Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { agreementQuery } from "@/api/annotations";
import type { Agreement } from "@/api/types";
import { Help } from "@/components/Help";
import { Note, Problem } from "@/components/Note";
import { Loading, Section } from "@/components/Page";
import { count } from "@/lib/format";

type Kappa = Agreement["pairs"][number]["kappa"];

/** How far each pair of readers agrees, over all labels and for each. */
export function AgreementSection({ projectId, labelSetId }: { projectId: string; labelSetId: string }) {
  const found = useQuery(agreementQuery(projectId, labelSetId));
  return (
    <Section
      title="Agreement"
      actions={
        <Help about="Cohen's kappa">
          How far two readers agree beyond chance: 1 is full agreement, 0 what chance would give. In brackets the 95 %
          interval.
        </Help>
      }
    >
      {found.isPending && <Loading lines={3} label="Comparing readers" />}
      <Problem error={found.error} title="Readers cannot be compared" />
      {found.data && <AgreementTables agreement={found.data} />}
    </Section>
  );
}

export function AgreementTables({ agreement }: { agreement: Agreement }) {
  if (agreement.pairs.length === 0) return <Text size="sm">No two readers have read the same ECG yet.</Text>;
  return (
    <Stack gap="md">
      {!agreement.independent && (
        <Note tone="info">This set is not blind: readers could see what others had said, which raises agreement.</Note>
      )}
      {agreement.n_sighted > 0 && (
        <Note tone="info">
          {count(agreement.n_sighted, "reading")} changed after others were shown: what was said before counts here.
        </Note>
      )}
      {agreement.pairs.map((pair) => (
        <Table.ScrollContainer key={`${pair.first} ${pair.second}`} minWidth={320}>
          <Table className="numbers" captionSide="top" aria-label={`${pair.first} and ${pair.second}`}>
            <Table.Caption ta="left">
              {pair.first} and {pair.second}: {pair.n_agreed} of {count(pair.n, "ECG")} alike
            </Table.Caption>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Label</Table.Th>
                <Table.Th ta="right">{pair.first}</Table.Th>
                <Table.Th ta="right">{pair.second}</Table.Th>
                <Table.Th ta="right">Both</Table.Th>
                <Table.Th ta="right">Kappa (95 % interval)</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              <Table.Tr fw={650}>
                <Table.Td>All labels</Table.Td>
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
  if (value === null) return withheld ?? "not defined";
  return `${value.toFixed(2)} (${low?.toFixed(2)} to ${high?.toFixed(2)})`.replaceAll("-", "−");
}
