import { act, renderHook } from "@testing-library/react";
import { expect, test } from "vitest";
import { useDragged } from "./useDragged";

function slider() {
  const { result, rerender } = renderHook(({ settled, label }) => useDragged(settled, label), {
    initialProps: { settled: null as number | null, label: "NORM" },
  });
  return {
    moved: () => result.current[0],
    move: (to: number | null) => act(() => result.current[1](to)),
    address: (settled: number | null, label = "NORM") => rerender({ settled, label }),
  };
}

test("keys that are quicker than the address lose no step", () => {
  const { moved, move, address } = slider();
  move(1);
  move(2);
  address(1);
  expect(moved()).toBe(2);
  move(3);
  address(2);
  expect(moved()).toBe(3);
  address(3);
  expect(moved()).toBeNull();
});

test("once the address has followed, going back moves the slider", () => {
  const { moved, move, address } = slider();
  move(5);
  address(5);
  address(null);
  expect(moved()).toBeNull();
});

test("another label, or the way back to the model's own threshold, lets go of it", () => {
  const { moved, move, address } = slider();
  move(5);
  address(null, "MI");
  expect(moved()).toBeNull();
  move(7);
  move(null);
  expect(moved()).toBeNull();
});
