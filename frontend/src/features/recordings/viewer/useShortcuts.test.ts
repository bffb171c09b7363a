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

test("a list that has the focus keeps the arrows, and gives all other keys to the page", () => {
  const pressed: string[] = [];
  renderHook(() => useShortcuts({ v: () => pressed.push("v"), ArrowRight: () => pressed.push("right") }));
  const list = document.body.appendChild(document.createElement("select"));
  for (const key of ["v", "ArrowRight"]) list.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  list.remove();
  expect(pressed).toEqual(["v"]);
});
