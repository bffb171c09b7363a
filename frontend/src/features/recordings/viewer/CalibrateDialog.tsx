import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Modal, Slider, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { fixed } from "@/lib/format";

type Props = {
  opened: boolean;
  onClose: () => void;
  pxPerMm: number | null;
  onKeep: (pxPerMm: number | null) => void;
};

const CARD = { width: 85.6, height: 53.98 }; // mm, ISO/IEC 7810 ID-1
const USUAL = 96 / 25.4; // CSS px a mm, as browsers take it
const RANGE = { least: 2, most: 10 };

/** Has a person lay a bank card on the display, so that millimetres are millimetres on it. */
export function CalibrateDialog({ opened, onClose, pxPerMm, onKeep }: Props) {
  const [value, setValue] = useState(pxPerMm ?? USUAL);
  const keep = (kept: number | null) => {
    onKeep(kept);
    onClose();
  };
  return (
    <Modal opened={opened} onClose={onClose} title={t`Real millimetres on this display`} size="auto">
      <Stack>
        <Text size="sm" maw={560}>
          <Trans>
            Lay a bank card, or anything of its size (85.6 mm wide), on the frame below and move the slider until both
            are of one width. This is needed once for each display, and again where the zoom of the browser is changed.
          </Trans>
        </Text>
        <div
          role="img"
          aria-label={t`Frame of the size of a bank card`}
          style={{
            width: CARD.width * value,
            height: CARD.height * value,
            border: "2px solid var(--mantine-color-anchor)",
            borderRadius: 3.18 * value,
          }}
        />
        <Slider
          thumbLabel={t`Width of the frame`}
          min={RANGE.least}
          max={RANGE.most}
          step={0.01}
          value={value}
          onChange={setValue}
          label={(px) => t`${{ pixels: fixed(px, 2) }} px a mm`}
          w={320}
        />
        <Group justify="flex-end">
          {pxPerMm !== null && (
            <Button variant="subtle" onClick={() => keep(null)}>
              <Trans>Forget</Trans>
            </Button>
          )}
          <Button variant="default" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button onClick={() => keep(value)}>
            <Trans>Keep</Trans>
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
