import { NumberInput, Select, SimpleGrid, Stack, Text } from "@mantine/core";
import type { Declared, Scale } from "./declared";

const SCALES: { value: Scale; label: string }[] = [
  { value: "uV", label: "µV (1000 units per mV)" },
  { value: "mV", label: "mV (1 unit per mV)" },
  { value: "custom", label: "Other units per mV" },
  { value: "arbitrary", label: "Normalised, without a scale" },
];

/** Rate and unit of files that state neither. */
export function DeclaredForm({ value, onChange }: { value: Declared; onChange: (value: Declared) => void }) {
  return (
    <Stack gap="sm" ta="left">
      <Text size="sm" c="dimmed">
        Used only for formats that state neither rate nor unit (CSV, NPY). DICOM and WFDB files state theirs.
      </Text>
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        <NumberInput
          label="Sampling rate"
          suffix=" Hz"
          min={20}
          max={100_000}
          value={value.rate}
          onChange={(rate) => typeof rate === "number" && onChange({ ...value, rate })}
        />
        <Select
          label="Unit of the values"
          data={SCALES}
          value={value.scale}
          allowDeselect={false}
          onChange={(scale) => scale && onChange({ ...value, scale: scale as Scale })}
        />
        {value.scale === "custom" && (
          <NumberInput
            label="Units per mV"
            min={0.000001}
            value={value.unitsPerMv}
            onChange={(unitsPerMv) =>
              typeof unitsPerMv === "number" && unitsPerMv > 0 && onChange({ ...value, unitsPerMv })
            }
          />
        )}
      </SimpleGrid>
      {value.scale === "arbitrary" && (
        <Text size="sm">
          No mV scale will be shown for these recordings, and amplitudes cannot be measured in them.
        </Text>
      )}
    </Stack>
  );
}
