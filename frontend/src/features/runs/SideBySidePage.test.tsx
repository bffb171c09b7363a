import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import type { ComparedSetting, Estimate, RunBeside, RunsSideBySide } from "@/api/types";
import { answering, show } from "@/test/render";
import { SideBySidePage } from "./SideBySidePage";

vi.mock("@/components/Chart", () => ({
  Chart: ({ label }: { label: string }) => <div role="img" aria-label={label} />,
}));
afterEach(() => vi.unstubAllGlobals());

const run = (id: string, more: Partial<RunBeside> = {}) =>
  ({
    id,
    name: `Training ${id}`,
    task: "single_label",
    job: { status: "done", progress: 1, error: null, message: "" },
    model_id: `m-${id}`,
    cross_validated: false,
    n_tested: 40,
    n_patients: 38,
    no_figures: "",
    no_epochs: "",
    epochs: [{ epoch: 1, train_loss: 0.7, val_loss: 0.6, macro_auroc: 0.75, learning_rate: 0.01, best: true }],
    ...more,
  }) as RunBeside;

const setting = (name: string, values: ComparedSetting["values"], differs: boolean): ComparedSetting => ({
  name,
  title: name,
  group: "training",
  values,
  words: values.map(() => null),
  differs,
});
const said = (value: number | null, more: Partial<Estimate> = {}): Estimate => ({
  value,
  low: value && value - 0.1,
  high: value && value + 0.1,
  withheld: null,
  ...more,
});

function platform(more: Partial<RunsSideBySide>) {
  const asked: string[] = [];
  const found: RunsSideBySide = {
    runs: [run("a"), run("b")],
    gone: [],
    settings: [setting("Rate", [0.01, 0.1], true), setting("Seed", [1, 1], false)],
    figures: [],
    tested: "same",
    text: ["All were tested on the same 40 recordings."],
    ...more,
  };
  const path = "GET /api/v1/projects/p/runs/side-by-side";
  vi.stubGlobal(
    "fetch",
    answering({
      [path]: ({ url }) => {
        asked.push(new URL(url).search);
        return found;
      },
    }),
  );
  return asked;
}

const open = (query = "?run=a&run=b") =>
  show(<SideBySidePage />, `/projects/p/runs/x${query}`, "/projects/:projectId/runs/x");

test("only settings that differ are shown, all on demand", async () => {
  const asked = platform({});
  open();
  const table = await screen.findByRole("table", { name: "Settings that differ" });
  expect(within(table).getByText("0.1")).toBeTruthy();
  expect(within(table).queryByText("Seed")).toBeNull();
  await userEvent.setup().click(screen.getByRole("switch", { name: "Show all settings" }));
  expect(within(screen.getByRole("table", { name: "All settings" })).getByText("Seed")).toBeTruthy();
  expect(asked).toEqual(["?run=a&run=b"]);
});

test("figures of other recordings are said not to be comparable, each with its interval or the reason", async () => {
  const estimates = [said(0.8), said(null, { withheld: "too few to say: 2" }), said(0.5, { low: null, high: null })];
  platform({
    runs: [
      run("a"),
      run("b", { job: { status: "failed" } as RunBeside["job"] }),
      run("c", { n_tested: null, no_figures: "It goes on." }),
    ],
    figures: [{ regression: false, measure: "macro_auroc", label: null, estimates }],
    tested: "different",
    text: ["They were tested on different recordings."],
  });
  open("?run=a&run=b&run=c");
  expect(await screen.findByText("These figures must not be compared")).toBeTruthy();
  expect(screen.getByRole("link", { name: "Which model?" })).toHaveProperty("pathname", "/projects/p/comparisons");
  const cells = within(screen.getByRole("row", { name: /^AUROC, mean/ })).getAllByRole("cell");
  expect(cells.map((cell) => cell.textContent)).toEqual([
    "0.80 (0.70 to 0.90)",
    "too few to say: 2",
    "0.50 (no interval)",
  ]);
  expect(screen.getByText("It goes on.")).toBeTruthy();
});

test("trainings that are gone are said, and an address with one training says what to do", async () => {
  platform({ gone: ["c"] });
  const first = open("?run=a&run=b&run=c");
  expect(await screen.findByText(/1 of the trainings asked for has been deleted/)).toBeTruthy();
  first.unmount();
  open("?run=a");
  expect(screen.getByRole("link", { name: "Choose trainings" })).toBeTruthy();
});
