import { fireEvent, screen } from "@testing-library/react";
import { useState } from "react";
import { expect, test } from "vitest";
import type { TrainingSetting } from "@/api/types";
import { show } from "@/test/render";
import { choice, setting } from "@/test/training";
import { SettingInput } from "./SettingInput";
import type { Value } from "./settings-in-effect";

/** Draw the setting at its default; what it is changed to is collected. */
function drawn(served: TrainingSetting): Value[] {
  const changes: Value[] = [];
  function Drawn() {
    const [value, setValue] = useState(served.default);
    const change = (next: Value) => {
      changes.push(next);
      setValue(next);
    };
    const shown = { setting: served, usual: served.default, value, choices: served.choices };
    return <SettingInput shown={shown} onChange={change} />;
  }
  show(<Drawn />);
  return changes;
}

test.each([
  [1, 60, "99", "60"],
  [5, 60, "2", "5"],
  [1, 100, "99", "99"],
])("a number stays between the served %d and %d", (low, high, typed, kept) => {
  const changes = drawn(setting("max_epochs", 50, { title: "Maximum epochs", low, high }));
  const input = screen.getByLabelText<HTMLInputElement>("Maximum epochs");
  fireEvent.change(input, { target: { value: typed } });
  fireEvent.blur(input);
  expect(input.value).toBe(kept);
  expect(changes.at(-1)).toBe(Number(kept));
});

test("a number that may be left to the platform says what it does then, and is sent as null", () => {
  const changes = drawn(setting("threads", 4, { title: "Processor threads", automatic: "automatic" }));
  const input = screen.getByLabelText<HTMLInputElement>("Processor threads");
  expect(input.placeholder).toBe("automatic");
  fireEvent.change(input, { target: { value: "" } });
  expect(changes.at(-1)).toBeNull();
});

test("a number without which nothing goes returns to its default when it is emptied", () => {
  const changes = drawn(setting("seed", 1, { title: "Seed" }));
  fireEvent.change(screen.getByLabelText("Seed"), { target: { value: "" } });
  expect(changes.at(-1)).toBe(1);
});

test("what is neither number nor choice is a switch", () => {
  const changes = drawn(setting("class_weights", true, { title: "Weight rare labels more" }));
  const input = screen.getByRole<HTMLInputElement>("switch", { name: /^Weight rare labels more/ });
  expect(input.checked).toBe(true);
  fireEvent.click(input);
  expect(changes).toEqual([false]);
});

test("choices have their served titles", () => {
  drawn(setting("loss", "focal", { title: "Loss", choices: [choice("focal", { title: "Focal" })] }));
  expect(screen.getByRole<HTMLInputElement>("combobox", { name: "Loss" }).value).toBe("Focal");
});
