import { Table } from "@mantine/core";
import type { Epoch } from "@/api/types";
import { Chip } from "@/components/Chip";
import { score, seconds } from "@/lib/format";
import { isHeadFit, stepNoun } from "./epochs";

const OF_LABELS = [
  ["macro_f1", "F1"],
  ["macro_auroc", "AUROC"],
] as const;
const R2 = [["macro_r2", "R²"]] as const;

type Props = { epochs: readonly Epoch[]; regression: boolean; lastKept: boolean };

/** The same as the curves, in numbers; closed at first. */
export function EpochTable({ epochs, regression, lastKept }: Props) {
  const noun = stepNoun(epochs);
  const columns = regression ? R2 : OF_LABELS;
  const mixed = noun === "Epoch" && epochs.some(isHeadFit);
  return (
    <details>
      <summary>{noun === "Epoch" ? "Table of all epochs" : "Table of all regularisation strengths"}</summary>
      <Table.ScrollContainer minWidth={520} maxHeight={360} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
        <Table className="numbers" aria-label="Epochs">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{noun}</Table.Th>
              <Table.Th ta="right">Training loss</Table.Th>
              <Table.Th ta="right">Validation loss</Table.Th>
              {columns.map(([key, title]) => (
                <Table.Th key={key} ta="right">
                  {title}
                </Table.Th>
              ))}
              <Table.Th ta="right">Time</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {epochs.map((epoch) => (
              <Table.Tr key={epoch.epoch}>
                <Table.Td>
                  {epoch.epoch} {mixed && isHeadFit(epoch) && <Chip tone="calm">head only</Chip>}{" "}
                  {epoch.best && !(lastKept && !isHeadFit(epoch)) && <Chip tone="good">improved</Chip>}
                </Table.Td>
                <Table.Td ta="right">{score(epoch.train_loss)}</Table.Td>
                <Table.Td ta="right">{score(epoch.val_loss)}</Table.Td>
                {columns.map(([key]) => (
                  <Table.Td key={key} ta="right">
                    {score(epoch[key])}
                  </Table.Td>
                ))}
                <Table.Td ta="right">{seconds(epoch.seconds)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </details>
  );
}
