import { Table, Text } from "@mantine/core";
import type { Fold } from "@/api/types";
import { seconds } from "@/lib/format";

/** The folds of a cross-validation that were tested, in numbers; closed at first. */
export function FoldTable({ folds, onlyHead }: { folds: readonly Fold[]; onlyHead: boolean }) {
  const last = folds.at(-1);
  if (!last) return null;
  return (
    <div>
      <Text size="sm" mb="xs">
        {folds.length} of {last.folds * last.repeats} folds tested.
      </Text>
      <details>
        <summary>Table of all folds</summary>
        <Table.ScrollContainer minWidth={520} maxHeight={360} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
          <Table className="numbers" aria-label="Folds">
            <Table.Thead>
              <Table.Tr>
                {last.repeats > 1 && <Table.Th>Repeat</Table.Th>}
                <Table.Th>Fold</Table.Th>
                <Table.Th ta="right">Training</Table.Th>
                {!onlyHead && <Table.Th ta="right">Validation</Table.Th>}
                <Table.Th ta="right">Tested</Table.Th>
                <Table.Th ta="right">{onlyHead ? "Regularisation strength" : "Best epoch"}</Table.Th>
                <Table.Th ta="right">Time</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {folds.map((fold) => (
                <Table.Tr key={`${fold.repeat}-${fold.fold}`}>
                  {last.repeats > 1 && <Table.Td>{fold.repeat}</Table.Td>}
                  <Table.Td>{fold.fold}</Table.Td>
                  <Table.Td ta="right">{fold.n_train}</Table.Td>
                  {!onlyHead && <Table.Td ta="right">{fold.n_validation}</Table.Td>}
                  <Table.Td ta="right">{fold.n_test}</Table.Td>
                  <Table.Td ta="right">{fold.best_epoch}</Table.Td>
                  <Table.Td ta="right">{seconds(fold.seconds)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      </details>
    </div>
  );
}
