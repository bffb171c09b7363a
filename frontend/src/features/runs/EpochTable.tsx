import { Table } from "@mantine/core";
import { Chip } from "@/components/Chip";
import { type Epoch, ofHead, stepNoun } from "@/lib/epochs";
import { score, seconds } from "@/lib/format";

/** The same as the curves, in numbers; closed at first. */
export function EpochTable({ epochs }: { epochs: readonly Epoch[] }) {
  const noun = stepNoun(epochs);
  const mixed = noun === "Epoch" && epochs.some(ofHead);
  return (
    <details>
      <summary>{noun === "Epoch" ? "All epochs" : "All strengths of regularisation tried"} as a table</summary>
      <Table.ScrollContainer minWidth={520} maxHeight={360} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
        <Table className="numbers" aria-label="Epochs">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{noun}</Table.Th>
              <Table.Th ta="right">Training loss</Table.Th>
              <Table.Th ta="right">Validation loss</Table.Th>
              <Table.Th ta="right">F1</Table.Th>
              <Table.Th ta="right">AUROC</Table.Th>
              <Table.Th ta="right">Time</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {epochs.map((epoch) => (
              <Table.Tr key={epoch.epoch}>
                <Table.Td>
                  {epoch.epoch} {mixed && ofHead(epoch) && <Chip tone="calm">head only</Chip>}{" "}
                  {epoch.best && <Chip tone="good">better</Chip>}
                </Table.Td>
                <Table.Td ta="right">{score(epoch.train_loss)}</Table.Td>
                <Table.Td ta="right">{score(epoch.val_loss)}</Table.Td>
                <Table.Td ta="right">{score(epoch.macro_f1)}</Table.Td>
                <Table.Td ta="right">{score(epoch.macro_auroc)}</Table.Td>
                <Table.Td ta="right">{seconds(epoch.seconds)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </details>
  );
}
