import { Kbd, Modal, Table, Text } from "@mantine/core";

const KEYS: readonly (readonly [keys: readonly string[], does: string])[] = [
  [["←", "→"], "previous or next recording"],
  [["Shift ←", "Shift →"], "earlier or later in a long recording"],
  [["+", "−"], "larger or smaller amplitude"],
  [["[", "]"], "slower or faster paper speed"],
  [["v"], "next view: tracing, waves, beats, aligned"],
  [["l"], "next layout"],
  [["f"], "next filter"],
  [["c"], "calipers on or off"],
  [["←", "→", "↑", "↓"], "with calipers on: move the second mark; with Shift, both marks"],
  [["Esc"], "calipers off"],
  [["?"], "show this help"],
];

export function ShortcutsDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Modal opened={open} onClose={onClose} title="Keyboard shortcuts">
      <Table>
        <Table.Tbody>
          {KEYS.map(([keys, does]) => (
            <Table.Tr key={does}>
              <Table.Td style={{ whiteSpace: "nowrap" }}>
                {keys.map((key) => (
                  <Kbd key={key} mr={4}>
                    {key}
                  </Kbd>
                ))}
              </Table.Td>
              <Table.Td>{does}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Text size="sm" mt="md">
        To measure with a mouse or finger, drag across the tracing. Each lead is centred on its median, so a constant
        offset is not visible; intervals and amplitude differences are unchanged.
      </Text>
    </Modal>
  );
}
