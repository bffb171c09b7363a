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
        title="Show these ECGs"
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
    <Table withTableBorder withColumnBorders layout="fixed" aria-label={`Confusion matrix of ${label}`}>
      <Table.Thead>
        <Table.Tr>
          <Table.Td />
          <Table.Th ta="right">predicted</Table.Th>
          <Table.Th ta="right">not predicted</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        <Table.Tr>
          <Table.Th scope="row">present</Table.Th>
          {cell("true_positive", cells.tp, "true positive")}
          {cell("false_negative", cells.fn, "false negative")}
        </Table.Tr>
        <Table.Tr>
          <Table.Th scope="row">absent</Table.Th>
          {cell("false_positive", cells.fp, "false positive")}
          {cell("true_negative", cells.tn, "true negative")}
        </Table.Tr>
      </Table.Tbody>
    </Table>
  );
}
