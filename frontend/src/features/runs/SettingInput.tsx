import { NumberInput, Select, Switch } from "@mantine/core";
import type { ShownSetting } from "./form";
import type { Value } from "./settings-in-effect";

const ORDER: ("label" | "input" | "description" | "error")[] = ["label", "input", "description", "error"];

type Props = { shown: ShownSetting; onChange: (value: Value) => void };

/** One training setting, with the control for what it may be. */
export function SettingInput({ shown: { setting, usual, value, choices }, onChange }: Props) {
  const { title, help, low, high, step, whole, automatic } = setting;
  const common = { label: title, description: help };
  if (choices.length > 0) {
    return (
      <Select
        {...common}
        inputWrapperOrder={ORDER}
        data={choices.map((choice) => ({ value: choice.value, label: choice.title }))}
        value={String(value)}
        allowDeselect={false}
        onChange={(choice) => choice !== null && onChange(choice)}
      />
    );
  }
  if (low === null || high === null) {
    return <Switch {...common} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />;
  }
  return (
    <NumberInput
      {...common}
      inputWrapperOrder={ORDER}
      placeholder={automatic ?? undefined}
      min={low}
      max={high}
      step={step}
      allowDecimal={!whole}
      value={typeof value === "number" ? value : ""}
      onChange={(next) => {
        if (typeof next === "number") onChange(next);
        else if (next === "") onChange(automatic === null ? usual : null);
        // Else it is on the way to a number, such as "0." or "0.0".
      }}
    />
  );
}
