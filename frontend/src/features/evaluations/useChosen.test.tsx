import { act, renderHook, screen } from "@testing-library/react";
import type { ReactNode } from "react";
import { MemoryRouter, useLocation, useNavigate } from "react-router";
import { expect, test } from "vitest";
import { useChosen } from "./useChosen";

function Address() {
  const { search } = useLocation();
  return <output>{search}</output>;
}

const inRouter = ({ children }: { children: ReactNode }) => (
  <MemoryRouter>
    {children}
    <Address />
  </MemoryRouter>
);

test("a slider moved at once after a label was chosen keeps the label", () => {
  const { result } = renderHook(() => useChosen(["NORM", "MI", "AFIB"]), { wrapper: inRouter });
  act(() => {
    const [, change] = result.current; // both from what is still shown
    change({ label: "MI", threshold: null });
    change({ threshold: 300 });
    change({ cell: "false_positive" }, true);
  });
  expect(result.current[0]).toMatchObject({ label: "MI", threshold: 300, cell: "false_positive" });
  expect(screen.getByRole("status").textContent).toBe("?label=MI&threshold=300&cell=false_positive");
});

test("going back forgets what was chosen since", () => {
  const { result } = renderHook(() => ({ chosen: useChosen(["NORM", "MI"]), go: useNavigate() }), {
    wrapper: inRouter,
  });
  act(() => result.current.chosen[1]({ label: "MI" }, true));
  act(() => result.current.go(-1));
  act(() => result.current.chosen[1]({ threshold: 200 }));
  expect(result.current.chosen[0]).toMatchObject({ label: "NORM", threshold: 200 });
});
