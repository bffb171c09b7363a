import { renderHook } from "@testing-library/react";
import { expect, test } from "vitest";
import { useShortcuts } from "./useShortcuts";

const press = (key: string, altGr: boolean) => {
  const event = new KeyboardEvent("keydown", { key, ctrlKey: true, altKey: true, bubbles: true });
  event.getModifierState = (name) => altGr && name === "AltGraph";
  document.body.dispatchEvent(event);
};

test("a character that a German keyboard writes with AltGr is a shortcut, and Ctrl with Alt is none", () => {
  let slower = 0;
  renderHook(() => useShortcuts({ "[": () => slower++ }));
  press("[", false);
  expect(slower).toBe(0);
  press("[", true);
  expect(slower).toBe(1);
});
