import { i18n } from "@lingui/core";
import { compileMessage } from "@lingui/message-utils/compileMessage";
import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Epoch, HowTested, Run } from "@/api/types";
import { goesWithIt } from "@/features/models/DeleteModel";
import { outputOf } from "@/features/models/traits";
import { messages } from "@/locales/de/training.po";
import { show } from "@/test/render";
import { setting } from "@/test/training";
import { inWords } from "../comparisons/DifferencePlot";
import { BestSoFar } from "./BestSoFar";
import { crossValidationText } from "./folds";
import { SettingInput } from "./SettingInput";
import type { Value } from "./settings-in-effect";

beforeEach(() => {
  i18n.setMessagesCompiler(compileMessage);
  i18n.loadAndActivate({ locale: "de", messages });
});
afterEach(() => i18n.loadAndActivate({ locale: "en", messages: {} }));

test("the best epoch is said in a German sentence, its decimals with a comma", () => {
  const epoch = { epoch: 7, val_loss: 0.5, macro_f1: 0.8125, macro_auroc: 0.9, learning_rate: 0.01, best: true };
  const run = { facts: { task: "single_label" }, settings: {} } as unknown as Run;
  const { container } = show(<BestSoFar run={run} epochs={[epoch as Epoch]} over={false} />);
  expect(container.querySelector("p")?.textContent).toBe(
    "Bisher beste Epoche: 7, mit Validierungsverlust 0,500, F1 0,813 und AUROC 0,900.",
  );
});

test("one and several are told apart, and the names of people stand in German quotes", () => {
  expect(goesWithIt("M", 1, ["A", "A", "B"])).toBe(
    "Endgültig gelöscht werden: „M“, 1 Vorhersage, 3 Auswertungen (auf „A“, „B“).",
  );
  expect(goesWithIt("M", 1200, [])).toBe("Endgültig gelöscht werden: „M“, 1.200 Vorhersagen.");
});

test("the interval of a difference and the folds are in words", () => {
  const { repeats, folds }: Pick<HowTested, "repeats" | "folds"> = { folds: 5, repeats: 10 };
  expect(inWords({ value: -0.021, low: -0.04, high: -0.002, withheld: "" })).toBe("−0,021 (−0,040 bis −0,002)");
  expect(crossValidationText(folds, repeats)).toBe("Kreuzvalidierung, 5 Folds × 10 Wiederholungen");
  expect(outputOf({ has_head: true, labels: ["NORM", "MI", "AFIB"] } as Parameters<typeof outputOf>[0], 2)).toBe(
    "NORM, MI und 1 weitere",
  );
});

test.each(["0,05", "0.05"])("a setting typed as %s, a key at a time, is the same number", async (typed) => {
  const user = userEvent.setup();
  const changes: unknown[] = [];
  const served = setting("learning_rate", null, { title: "Learning rate", automatic: "automatic", whole: false });
  function Drawn() {
    const [value, setValue] = useState<Value>(null);
    const change = (next: Value) => {
      changes.push(next);
      setValue(next);
    };
    return <SettingInput shown={{ setting: served, usual: null, value, choices: [] }} onChange={change} />;
  }
  show(<Drawn />);
  await user.type(screen.getByLabelText("Learning rate"), typed);
  expect(changes.at(-1)).toBe(0.05);
});
