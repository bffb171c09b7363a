import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Checkbox, NumberInput, Select, SimpleGrid, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { decimal } from "@/lib/format";
import type { Declared, Scale } from "./declared";
import { ORDERS } from "./declared";

const SCALES: { value: Scale; label: string }[] = [
  { value: "uV", label: t`µV (1000 units per mV)` },
  { value: "mV", label: t`mV (1 unit per mV)` },
  { value: "custom", label: t`Other (units per mV)` },
  { value: "arbitrary", label: t`Normalised, not calibrated` },
];

/** What files that do not say it themselves are taken to hold. */
export function DeclaredForm({ value, onChange }: { value: Declared; onChange: (value: Declared) => void }) {
  return (
    <Stack gap="sm" ta="left">
      <SimpleGrid cols={{ base: 1, sm: 2, md: value.scale === "custom" ? 4 : 3 }}>
        <Quantity
          label={t`Sampling rate`}
          suffix=" Hz"
          min={20}
          max={100_000}
          value={value.rate}
          onChange={(rate) => onChange({ ...value, rate })}
        />
        <Select
          label={t`Unit of the values`}
          data={SCALES}
          value={value.scale}
          allowDeselect={false}
          onChange={(scale) => scale && onChange({ ...value, scale: scale as Scale })}
        />
        {value.scale === "custom" && (
          <Quantity
            label={t`Units per mV`}
            min={0.000001}
            value={value.unitsPerMv}
            onChange={(unitsPerMv) => unitsPerMv > 0 && onChange({ ...value, unitsPerMv })}
          />
        )}
        <Select
          label={t`Order of unnamed leads`}
          data={[...ORDERS]}
          value={value.leads}
          allowDeselect={false}
          onChange={(leads) => leads !== null && onChange({ ...value, leads })}
        />
      </SimpleGrid>
      <Checkbox
        label={t`Keep recordings with fewer than twelve leads, for viewing only`}
        checked={value.partial}
        onChange={(event) => onChange({ ...value, partial: event.currentTarget.checked })}
      />
      <Checkbox
        label={t`Files without a header contain 16-bit samples (raw .dat)`}
        checked={value.raw}
        onChange={(event) => onChange({ ...value, raw: event.currentTarget.checked })}
      />
      {value.scale === "arbitrary" && (
        <Text size="sm">
          <Trans>These recordings are shown without a mV scale, and their amplitudes cannot be measured.</Trans>
        </Text>
      )}
    </Stack>
  );
}

type QuantityProps = {
  label: string;
  suffix?: string;
  min: number;
  max?: number;
  value: number;
  onChange: (value: number) => void;
};

/** A number, with a point or a comma; left empty, the one that still holds comes back. */
function Quantity({ value, onChange, ...rest }: QuantityProps) {
  const [empty, setEmpty] = useState(false);
  return (
    <NumberInput
      {...rest}
      allowNegative={false}
      decimalSeparator={decimal(".")}
      allowedDecimalSeparators={[".", ","]}
      value={empty ? "" : value}
      onChange={(next) => {
        setEmpty(next === "");
        if (typeof next === "number") onChange(next);
      }}
      onBlur={() => setEmpty(false)}
    />
  );
}
