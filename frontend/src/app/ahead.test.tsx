import { screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { show } from "@/test/render";
import { loadedAhead } from "./ahead";

const Ecg = () => <p>The tracing</p>;

test("a page that was loaded ahead is there with the first drawing", async () => {
  const load = vi.fn(async () => ({ Component: Ecg }));
  const page = loadedAhead(load);
  await page.ahead();
  show(<page.Component />);
  expect(screen.queryByText("The tracing")).not.toBeNull();
  expect(load).toHaveBeenCalledTimes(1);
});

test("a page that was not is loaded when one goes there", async () => {
  const page = loadedAhead(async () => ({ Component: Ecg }));
  show(<page.Component />);
  expect(screen.queryByText("The tracing")).toBeNull();
  expect(await screen.findByText("The tracing")).not.toBeNull();
});

test("where loading it ahead has failed, it is asked for again", async () => {
  const load = vi.fn(async () => ({ Component: Ecg }));
  load.mockRejectedValueOnce(new TypeError("Failed to fetch dynamically imported module"));
  const page = loadedAhead(load);
  await expect(page.ahead()).rejects.toThrow("Failed to fetch");
  show(<page.Component />);
  expect(await screen.findByText("The tracing")).not.toBeNull();
  expect(load).toHaveBeenCalledTimes(2);
});
