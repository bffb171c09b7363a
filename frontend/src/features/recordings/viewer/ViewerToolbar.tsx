import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { systemQuery } from "@/api/system";
import { Icon } from "@/components/icons";
import type { LayoutName } from "@/lib/ecg/layout";
import { decimal } from "@/lib/format";
import { Choice } from "./Choice";
import { filterChange, filterGroups, filterValue } from "./filters";
import { GAINS, LAYOUTS, NOTCHES, SHOWN, type Shown, SPEEDS, traitsOf, type View } from "./view";

type Props = {
  view: View;
  layout: LayoutName;
  hasScale: boolean;
  measuring: boolean;
  full: boolean;
  calibrated: boolean;
  onChange: (change: Partial<View>) => void;
  onMeasuring: (on: boolean) => void;
  onFull: (full: boolean) => void;
  onCalibrate: () => void;
  onHelp: () => void;
  /** None where the tracing must not be printed. */
  onPrint?: () => void;
  /** More tools, such as the comparison with another recording. */
  children?: ReactNode;
};

const CALIBRATE = "calibrate";

/** All that changes how the tracing is shown. */
export function ViewerToolbar(props: Props) {
  const { view, layout, hasScale, measuring, full, calibrated, onChange } = props;
  const presets = useQuery(systemQuery()).data?.presets ?? [];
  const { aligned, beats: overBeats } = traitsOf(view.shown);
  const timeless = aligned || overBeats;
  return (
    <Group gap="xs" align="flex-end" className="toolbar" role="toolbar" aria-label={t`How the tracing is shown`}>
      <Choice
        label={t({ message: "Show", context: "tracing" })}
        width={184}
        data={SHOWN}
        value={view.shown}
        onChange={(value) => onChange({ shown: value as Shown })}
      />
      <Choice
        label={t`Layout`}
        width={138}
        disabled={timeless}
        data={LAYOUTS}
        value={layout}
        onChange={(value) => onChange({ layout: value as LayoutName })}
      />
      <Choice
        label={t`Speed`}
        width={114}
        data={SPEEDS.map((speed) => ({ value: String(speed), label: decimal(`${speed} mm/s`) }))}
        value={String(view.speed)}
        onChange={(value) => onChange({ speed: Number(value) })}
      />
      <Choice
        label={t`Amplitude`}
        width={128}
        disabled={!hasScale}
        // Not translated: units
        data={GAINS.map((gain) => ({ value: String(gain), label: `${gain} mm/mV` }))}
        value={String(view.gain)}
        onChange={(value) => onChange({ gain: Number(value) })}
      />
      <Choice
        label={t`Filter`}
        width={168}
        disabled={aligned}
        data={filterGroups(presets)}
        value={filterValue(view)}
        onChange={(value) => onChange(filterChange(value))}
      />
      <Choice
        label={t`Mains`}
        width={118}
        disabled={aligned || view.preprocessing !== null}
        data={[
          { value: "off", label: t`No notch` },
          // Not translated: a unit
          ...NOTCHES.map((hz) => ({ value: String(hz), label: `${hz} Hz` })),
        ]}
        value={view.preprocessing === null && view.notch ? String(view.notch) : "off"}
        onChange={(value) => onChange({ notch: NOTCHES.find((hz) => String(hz) === value) ?? null })}
      />
      <Choice
        label={t`Size`}
        width={158}
        disabled={overBeats}
        data={[
          { value: "fit", label: t`Fill the width` },
          { value: "true", label: t`Real millimetres` },
          ...(calibrated ? [{ value: CALIBRATE, label: t`Calibrate again …` }] : []),
        ]}
        value={view.trueSize && calibrated ? "true" : "fit"}
        onChange={(value) => {
          if (value === CALIBRATE || (value === "true" && !calibrated)) props.onCalibrate();
          else onChange({ trueSize: value === "true" });
        }}
      />
      <Button
        size="sm"
        variant={measuring ? "filled" : "default"}
        aria-pressed={measuring}
        disabled={timeless}
        onClick={() => props.onMeasuring(!measuring)}
      >
        <Trans>Calipers</Trans>
      </Button>
      {props.children}
      <Button size="sm" variant="default" aria-pressed={full} onClick={() => props.onFull(!full)}>
        {full ? t`Leave full screen` : t`Full screen`}
      </Button>
      {props.onPrint && (
        <Button size="sm" variant="default" onClick={props.onPrint}>
          <Trans>Print</Trans>
        </Button>
      )}
      <Button size="sm" variant="subtle" leftSection={<Icon name="help" size={16} />} onClick={props.onHelp}>
        <Trans>Shortcuts</Trans>
      </Button>
    </Group>
  );
}
