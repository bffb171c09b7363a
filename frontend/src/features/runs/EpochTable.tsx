import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Table } from "@mantine/core";
import type { Epoch } from "@/api/types";
import { Chip } from "@/components/Chip";
import { score, seconds } from "@/lib/format";
import { areStrengths, isHeadFit, stepTitle } from "./epochs";

const OF_LABELS = [
  ["macro_f1", "F1"],
  ["macro_auroc", "AUROC"],
] as const;
const R2 = [["macro_r2", "R²"]] as const;

type Props = { epochs: readonly Epoch[]; regression: boolean; lastKept: boolean };

/** The same as the curves, in numbers; closed at first. */
export function EpochTable({ epochs, regression, lastKept }: Props) {
  const strengths = areStrengths(epochs);
  const columns = regression ? R2 : OF_LABELS;
  const mixed = !strengths && epochs.some(isHeadFit);
  return (
    <details>
      <summary>{strengths ? t`Table of all regularisation strengths` : t`Table of all epochs`}</summary>
      <Table.ScrollContainer minWidth={520} maxHeight={360} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
        <Table className="numbers" aria-label={t`Epochs`}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{stepTitle(epochs)}</Table.Th>
              <Table.Th ta="right">
                <Trans>Training loss</Trans>
              </Table.Th>
              <Table.Th ta="right">
                <Trans>Validation loss</Trans>
              </Table.Th>
              {columns.map(([key, title]) => (
                <Table.Th key={key} ta="right">
                  {title}
                </Table.Th>
              ))}
              <Table.Th ta="right">
                <Trans>Time</Trans>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {epochs.map((epoch) => (
              <Table.Tr key={epoch.epoch}>
                <Table.Td>
                  {epoch.epoch}{" "}
                  {mixed && isHeadFit(epoch) && (
                    <Chip tone="calm">
                      <Trans>head only</Trans>
                    </Chip>
                  )}{" "}
                  {epoch.best && !(lastKept && !isHeadFit(epoch)) && (
                    <Chip tone="good">
                      <Trans>improved</Trans>
                    </Chip>
                  )}
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
