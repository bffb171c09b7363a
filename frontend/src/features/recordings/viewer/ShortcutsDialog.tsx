import { Kbd, Modal, Table, Text } from "@mantine/core";

const KEYS: readonly (readonly [keys: readonly string[], does: string])[] = [
  [["←", "→"], "previous or next recording of the list"],
  [["Shift ←", "Shift →"], "earlier or later in a long recording"],
  [["+", "−"], "larger or smaller amplitude"],
  [["[", "]"], "slower or faster paper speed"],
  [["v"], "next view: tracing, waves, beats, aligned"],
  [["l"], "next layout"],
  [["f"], "next filter"],
  [["n"], "mains filter: none, 50 Hz, 60 Hz"],
  [["Shift f"], "full screen"],
  [["c"], "calipers on or off"],
  [["←", "→", "↑", "↓"], "with calipers on: move the second end; with Shift, the whole caliper"],
  [["m"], "with calipers on: march the interval out"],
  [["Del"], "with calipers on: take the caliper away"],
  [["Esc"], "calipers off, or leave full screen"],
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
        To measure with a mouse or finger, drag across the tracing; take a caliper by an end, or between its ends to
        move all of it. With the Tab key one comes to each end. Calipers stay with their recording while the page is
        open. Each lead is centred on its median, so a constant offset is not visible; intervals and amplitude
        differences are unchanged.
      </Text>
    </Modal>
  );
}
