import { render, screen } from "@testing-library/react";
import { lazy, Suspense } from "react";
import { beforeEach, expect, test } from "vitest";
import { useTaken } from "./useTaken";

const inAddress = () => location.hash.slice(1);
const takeOut = () => history.replaceState(null, "", "/");

function Said() {
  const word = useTaken(inAddress, takeOut);
  return <p>said: {word || "nothing"}</p>;
}

beforeEach(() => history.replaceState(null, "", "/#refused"));

test("what the address says is shown and taken out of it", () => {
  render(<Said />);
  expect(screen.getByText("said: refused")).toBeTruthy();
  expect(location.hash).toBe("");
});

test("it is shown too where the first attempt at the page was given up, because something beside it had to load", async () => {
  let come = (_: { default: () => null }) => {};
  const Late = lazy(() => new Promise<{ default: () => null }>((resolve) => (come = resolve)));
  render(
    <Suspense fallback={<p>loading</p>}>
      <Said />
      <Late />
    </Suspense>,
  );
  expect(screen.getByText("loading")).toBeTruthy();
  come({ default: () => null });
  expect(await screen.findByText("said: refused")).toBeTruthy();
  expect(location.hash).toBe("");
});
