import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Slider, Stack, Text } from "@mantine/core";
import { Icon } from "@/components/icons";
import { fixed, seconds } from "@/lib/format";
import type { Signal } from "@/lib/signal";
import { OverviewStrip } from "./OverviewStrip";

type Props = {
  signal: Signal;
  start: number; // s
  shown: number; // s
  duration: number; // s
  onChange: (start: number) => void;
};

/** Moves through a recording that is longer than the paper, with all of it in one line. */
export function WindowControls({ signal, start, shown, duration, onChange }: Props) {
  if (duration - shown < 0.05) return null;
  const last = duration - shown;
  const go = (to: number) => onChange(Math.min(last, Math.max(0, to)));
  const end = Math.min(duration, start + shown);
  return (
    <Stack gap={6} role="group" aria-label={t`Part of the recording`}>
      <OverviewStrip signal={signal} start={start} shown={shown} onChange={onChange} />
      <Group gap="sm" wrap="nowrap">
        <Button
          size="compact-md"
          variant="default"
          aria-label={t`Earlier`}
          disabled={start <= 0}
          onClick={() => go(start - shown)}
        >
          <Icon name="left" size={16} />
        </Button>
        <Slider
          style={{ flex: 1 }}
          thumbLabel={t`Start of the part that is shown`}
          min={0}
          max={last}
          step={0.5}
          value={start}
          onChange={go}
          label={(value) => seconds(value)}
        />
        <Button
          size="compact-md"
          variant="default"
          aria-label={t`Later`}
          disabled={start >= last}
          onClick={() => go(start + shown)}
        >
          <Icon name="right" size={16} />
        </Button>
        <Text size="sm" className="numbers" style={{ whiteSpace: "nowrap" }}>
          <Trans>
            {{ from: fixed(start, 1) }}–{{ to: fixed(end, 1) }} of {{ all: seconds(duration) }}
          </Trans>
        </Text>
      </Group>
    </Stack>
  );
}
