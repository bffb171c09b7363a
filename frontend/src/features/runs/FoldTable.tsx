import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Table, Text } from "@mantine/core";
import type { Fold } from "@/api/types";
import { seconds } from "@/lib/format";

/** The folds of a cross-validation that were tested, in numbers; closed at first. */
export function FoldTable({ folds, onlyHead }: { folds: readonly Fold[]; onlyHead: boolean }) {
  const last = folds.at(-1);
  if (!last) return null;
  const tested = folds.length;
  const all = last.folds * last.repeats;
  return (
    <div>
      <Text size="sm" mb="xs">
        <Trans>
          {tested} of {all} folds tested.
        </Trans>
      </Text>
      <details>
        <summary>
          <Trans>Table of all folds</Trans>
        </summary>
        <Table.ScrollContainer minWidth={520} maxHeight={360} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
          <Table className="numbers" aria-label={t`Folds`}>
            <Table.Thead>
              <Table.Tr>
                {last.repeats > 1 && (
                  <Table.Th>
                    <Trans>Repeat</Trans>
                  </Table.Th>
                )}
                <Table.Th>
                  <Trans>Fold</Trans>
                </Table.Th>
                <Table.Th ta="right">
                  <Trans>Training</Trans>
                </Table.Th>
                {!onlyHead && (
                  <Table.Th ta="right">
                    <Trans>Validation</Trans>
                  </Table.Th>
                )}
                <Table.Th ta="right">
                  <Trans>Tested</Trans>
                </Table.Th>
                <Table.Th ta="right">{onlyHead ? t`Regularisation strength` : t`Best epoch`}</Table.Th>
                <Table.Th ta="right">
                  <Trans>Time</Trans>
                </Table.Th>
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
