import { Button, Group, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { systemQuery } from "@/api/system";
import { Icon } from "@/components/icons";
import type { LayoutName } from "@/lib/ecg/layout";
import { GAINS, LAYOUTS, SHOWN, type Shown, SPEEDS, traitsOf, type View } from "./view";

type Props = {
  view: View;
  layout: LayoutName;
  hasScale: boolean;
  measuring: boolean;
  onChange: (change: Partial<View>) => void;
  onMeasuring: (on: boolean) => void;
  onHelp: () => void;
};

const RAW = "raw";

export function ViewerToolbar({ view, layout, hasScale, measuring, onChange, onMeasuring, onHelp }: Props) {
  const system = useQuery(systemQuery());
  const presets = system.data?.presets ?? [];
  const { aligned, beats: overBeats } = traitsOf(view.shown);
  const filters = [
    { value: RAW, label: "Unfiltered" },
    ...presets.map(({ name }) => ({ value: name, label: `As a model reads it: ${name}` })),
  ];
  return (
    <Group gap="xs" align="flex-end" role="toolbar" aria-label="How the tracing is shown">
      <Choice
        label="Show"
        width={184}
        data={SHOWN}
        value={view.shown}
        onChange={(value) => onChange({ shown: value as Shown })}
      />
      <Choice
        label="Layout"
        width={88}
        disabled={overBeats || aligned}
        data={LAYOUTS}
        value={layout}
        onChange={(value) => onChange({ layout: value as LayoutName })}
      />
      <Choice
        label="Speed"
        width={120}
        data={SPEEDS.map((speed) => ({ value: String(speed), label: `${speed} mm/s` }))}
        value={String(view.speed)}
        onChange={(value) => onChange({ speed: Number(value) })}
      />
      <Choice
        label="Amplitude"
        width={128}
        disabled={!hasScale}
        data={GAINS.map((gain) => ({ value: String(gain), label: `${gain} mm/mV` }))}
        value={String(view.gain)}
        onChange={(value) => onChange({ gain: Number(value) })}
      />
      <Choice
        label="Filter"
        width={200}
        disabled={aligned}
        data={filters}
        value={view.preprocessing ?? RAW}
        onChange={(value) => onChange({ preprocessing: value === RAW ? null : value })}
      />
      <Button
        size="sm"
        variant={measuring ? "filled" : "default"}
        aria-pressed={measuring}
        disabled={overBeats}
        onClick={() => onMeasuring(!measuring)}
      >
        Calipers
      </Button>
      <Button size="sm" variant="subtle" leftSection={<Icon name="help" size={16} />} onClick={onHelp}>
        Shortcuts
      </Button>
    </Group>
  );
}

type ChoiceProps = {
  label: string;
  width: number;
  data: readonly { value: string; label: string }[];
  value: string;
  disabled?: boolean;
  onChange: (value: string) => void;
};

function Choice({ label, width, data, value, disabled, onChange }: ChoiceProps) {
  return (
    <Select
      label={label}
      size="sm"
      w={width}
      data={[...data]}
      value={value}
      disabled={disabled}
      allowDeselect={false}
      onChange={(next) => next && onChange(next)}
    />
  );
}
