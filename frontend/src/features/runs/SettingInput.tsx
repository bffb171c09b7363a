import { NumberInput, Select, Switch, TextInput } from "@mantine/core";
import { plain } from "@/lib/format";
import type { Shown, Value } from "./form";
import { SETTINGS } from "./settings";

const ORDER: ("label" | "input" | "description" | "error")[] = ["label", "input", "description", "error"];

type Props = { setting: Shown; onChange: (value: Value) => void };

/** One training setting, with the control that its default asks for. */
export function SettingInput({ setting: { path, usual, value, words }, onChange }: Props) {
  const setting = SETTINGS[path] ?? { title: path.replaceAll(".", ": ").replaceAll("_", " "), help: "" };
  const common = { label: setting.title, description: setting.help, inputWrapperOrder: ORDER };
  if (words.length > 0) {
    return (
      <Select
        {...common}
        data={words.map((word) => ({ value: word, label: setting.choices?.[word] ?? plain(word) }))}
        value={String(value)}
        allowDeselect={false}
        onChange={(choice) => choice !== null && onChange(choice)}
      />
    );
  }
  if (typeof usual === "boolean") {
    return (
      <Switch
        label={setting.title}
        description={setting.help}
        checked={value === true}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    );
  }
  if (typeof usual === "string") {
    return (
      <TextInput {...common} value={String(value ?? "")} onChange={(event) => onChange(event.currentTarget.value)} />
    );
  }
  return (
    <NumberInput
      {...common}
      placeholder={setting.automatic}
      min={setting.min}
      max={setting.max}
      step={setting.step ?? 1}
      allowDecimal={setting.step !== undefined || !Number.isInteger(usual ?? 1)}
      value={typeof value === "number" ? value : ""}
      onChange={(next) => onChange(typeof next === "number" ? next : setting.automatic ? null : usual)}
    />
  );
}
