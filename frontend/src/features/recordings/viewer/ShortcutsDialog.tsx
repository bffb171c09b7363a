import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Kbd, Modal, Table, Text } from "@mantine/core";

const KEYS: readonly (readonly [keys: readonly string[], does: string])[] = [
  [["←", "→"], t`previous or next recording of the list`],
  [[t`Shift ←`, t`Shift →`], t`earlier or later in a long recording`],
  [["+", "−"], t`larger or smaller amplitude`],
  [["[", "]"], t`slower or faster paper speed`],
  [["v"], t`next view: tracing, waves, beats, aligned`],
  [["l"], t`next layout`],
  [["f"], t`next filter`],
  [["n"], t`mains filter: none, 50 Hz, 60 Hz`],
  [[t`Shift f`], t`full screen`],
  [["c"], t`calipers on or off`],
  [["←", "→", "↑", "↓"], t`with calipers on: move the second end; with Shift, the whole caliper`],
  [["m"], t`with calipers on: march the interval out`],
  [[t`Del`], t`with calipers on: take the caliper away`],
  [["Esc"], t`calipers off, or leave full screen`],
  [["?"], t`show this help`],
];

export function ShortcutsDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Modal opened={open} onClose={onClose} title={t`Keyboard shortcuts`}>
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
        <Trans>
          To measure with a mouse or finger, drag across the tracing; take a caliper by an end, or between its ends to
          move all of it. With the Tab key one comes to each end. Calipers stay with their recording while the page is
          open. Each lead is centred on its median, so a constant offset is not visible; intervals and amplitude
          differences are unchanged.
        </Trans>
      </Text>
    </Modal>
  );
}
