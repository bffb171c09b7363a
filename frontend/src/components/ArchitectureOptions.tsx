import { NumberInput } from "@mantine/core";
import type { Architecture } from "@/api/types";

type Props = {
  architecture: Architecture;
  /** Options that are not as usual. */
  value: Readonly<Record<string, number>>;
  onChange: (options: Record<string, number>) => void;
};

/** The options of an architecture, a number each. */
export function ArchitectureOptions({ architecture, value, onChange }: Props) {
  return architecture.options.map(({ name, default: usual, low, high, whole, help }) => (
    <NumberInput
      key={`${architecture.name} ${name}`}
      label={capital(name)}
      description={help}
      inputWrapperOrder={["label", "input", "description", "error"]}
      min={low}
      max={high}
      step={whole ? 1 : 0.05}
      allowDecimal={!whole}
      value={value[name] ?? usual}
      onChange={(next) => {
        // A text is on the way to a number, such as "0." or "0.0".
        if (typeof next === "number" || next === "") onChange({ ...value, [name]: next === "" ? usual : next });
      }}
    />
  ));
}

const capital = (name: string) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");
