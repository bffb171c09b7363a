import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Table, Text, UnstyledButton } from "@mantine/core";
import { region } from "@/language/language";
import type { CellName, Cells } from "./operating";

type Props = { label: string; cells: Cells; chosen: CellName | null; onOpen: (cell: CellName) => void };

/** The four cells of a label; each opens its recordings. */
export function FourCells({ label, cells, chosen, onOpen }: Props) {
  const cell = (name: CellName, n: number, what: string) => (
    <Table.Td ta="right" p={4}>
      <UnstyledButton
        className="cell"
        disabled={n === 0}
        aria-pressed={chosen === name}
        title={t`Show these ECGs`}
        onClick={() => onOpen(name)}
      >
        <Text component="span" fw={700} className="numbers">
          {n.toLocaleString(region())}
        </Text>{" "}
        <Text component="span" size="xs" c="dimmed">
          {what}
        </Text>
      </UnstyledButton>
    </Table.Td>
  );
  return (
    <Table withTableBorder withColumnBorders layout="fixed" aria-label={t`Confusion matrix of ${label}`}>
      <Table.Thead>
        <Table.Tr>
          <Table.Td w="30%" />
          <Table.Th ta="right" px={4}>
            <Trans>predicted</Trans>
          </Table.Th>
          <Table.Th ta="right" px={4}>
            <Trans>not predicted</Trans>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        <Table.Tr>
          <Table.Th scope="row" px={6}>
            <Trans>present</Trans>
          </Table.Th>
          {cell("true_positive", cells.tp, t`true positive`)}
          {cell("false_negative", cells.fn, t`false negative`)}
        </Table.Tr>
        <Table.Tr>
          <Table.Th scope="row" px={6}>
            <Trans>absent</Trans>
          </Table.Th>
          {cell("false_positive", cells.fp, t`false positive`)}
          {cell("true_negative", cells.tn, t`true negative`)}
        </Table.Tr>
      </Table.Tbody>
    </Table>
  );
}
