import { t } from "@lingui/core/macro";
import { Modal, Table } from "@mantine/core";
import type { LabelSet } from "@/api/types";

const FIXED: readonly [string, string][] = [
  ["Enter", t`Of several labels: these are all, next ECG`],
  ["u", t`Undo the last step`],
  ["→", t`Next ECG, or skip`],
  ["←", t`Back`],
  ["n", t`Write a note; Escape leaves it`],
  ["r", t`Mark a region`],
  ["s", t`Take what the device states`],
];

/** All keys of a sitting. Those of the viewer that no label has go on working. */
export function KeysDialog({ set, opened, onClose }: { set: LabelSet; opened: boolean; onClose: () => void }) {
  const labels = set.labels.filter(({ key }) => key).map(({ key, name }): [string, string] => [key ?? "", name]);
  return (
    <Modal opened={opened} onClose={onClose} title={t({ message: "Keys", context: "keyboard" })}>
      <Table>
        <Table.Tbody>
          {[...labels, ...FIXED].map(([key, what]) => (
            <Table.Tr key={key}>
              <Table.Th scope="row" w={90}>
                <kbd>{key}</kbd>
              </Table.Th>
              <Table.Td>{what}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}
