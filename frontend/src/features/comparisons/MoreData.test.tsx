import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { accountQuery } from "@/api/account";
import type { ComparisonDetail, LearningCurve } from "@/api/types";
import { ALONE, answering, show } from "@/test/render";
import { curveTraces } from "./LearningCurveChart";
import { scoreText } from "./LearningCurveTable";
import { MoreData } from "./MoreData";

vi.mock("@/components/Chart", () => ({
  Chart: ({ label }: { label: string }) => <div role="img" aria-label={label} />,
}));
afterEach(() => vi.unstubAllGlobals());

const job = (status: string) => ({ id: status, status, progress: 0.4, message: "Fold 1 of 3", error: null });
const comparison = {
  id: "c",
  candidates: [
    { title: "First", job: job("done") },
    { title: "Failed", job: job("failed") },
    { title: "Third", job: job("done") },
  ],
  result: { chosen: 2 },
} as unknown as ComparisonDetail;
const point = (share: number, n: number | null, more = {}) => ({
  share,
  n,
  n_patients: n,
  run_id: null,
  model_id: null,
  job: null,
  score: null,
  why_not: "",
  ...more,
});
const planned = {
  place: 2,
  title: "Third",
  status: "not_started",
  why_not: "",
  seconds: 130,
  measure: "macro_auroc",
  points: [
    point(0.25, null, { why_not: "Too few with “MI”." }),
    point(0.5, 30),
    point(1, 60, { run_id: "r", job: job("done") }),
  ],
  verdict: null,
  last: null,
  ahead: null,
  labels: [],
  n: null,
  n_patients: null,
  text: [],
} as unknown as LearningCurve;
const found = {
  ...planned,
  status: "done",
  verdict: "gain",
  points: [
    point(0.5, 30, { run_id: "h", job: job("done"), score: { value: 0.7, low: 0.6, high: 0.8, withheld: null } }),
    point(1, 60, { run_id: "r", job: job("done"), score: { value: 0.8, low: 0.75, high: 0.85, withheld: null } }),
  ],
  ahead: { value: 0.1, low: 0.02, high: 0.18, withheld: null },
  text: ["More data helped.", "Twice the data would bring about +0.100. It is no promise."],
} as unknown as LearningCurve;

const PATH = "/api/v1/projects/p/comparisons/c/learning-curves";

function platform(curves: Record<string, LearningCurve>, started: string[] = []) {
  const answers: Record<string, (request: Request) => unknown> = {};
  for (const [place, curve] of Object.entries(curves)) {
    answers[`GET ${PATH}/${place}`] = () => curve;
    answers[`POST ${PATH}/${place}`] = () => {
      started.push(place);
      return { ...curve, status: "running" };
    };
  }
  vi.stubGlobal("fetch", answering(answers));
  return started;
}

test("the recommended model is asked about first, with the time it takes and what is left out, and is started", async () => {
  const user = userEvent.setup();
  const started = platform({ 2: planned });
  show(<MoreData projectId="p" comparison={comparison} />);
  const table = await screen.findByRole("table", { name: "Learning curve" });
  expect(within(table).getByText("Too few with “MI”.")).toBeTruthy();
  expect(within(table).getByRole("row", { name: /Half 30 30/ })).toBeTruthy();
  expect(screen.getByText("The trainings take about 2 minutes.")).toBeTruthy();
  expect(screen.queryByRole("img")).toBeNull();
  await user.click(screen.getByRole("button", { name: "Find out" }));
  await waitFor(() => expect(started).toEqual(["2"]));
});

test("any other model that is trained can be asked about, one that failed cannot", async () => {
  const user = userEvent.setup();
  platform({ 2: planned, 0: { ...planned, place: 0, status: "not_possible", why_not: "Half is too few." } });
  show(<MoreData projectId="p" comparison={comparison} />);
  await user.click(await screen.findByRole("combobox", { name: "Model" }));
  const titles = (await screen.findAllByRole("option", { hidden: true })).map(({ textContent }) => textContent);
  expect(titles).toEqual(["First", "Third"]);
  await user.click(screen.getByRole("option", { name: "First", hidden: true }));
  expect(await screen.findByText("Half is too few.")).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Find out" })).toBeNull();
});

test("what was found is said in the platform's sentences, drawn, and nothing is offered any more", async () => {
  platform({ 2: found });
  show(<MoreData projectId="p" comparison={comparison} />);
  expect(await screen.findByText("More data is likely to help")).toBeTruthy();
  expect(screen.getByText(/It is no promise/)).toBeTruthy();
  expect(screen.getByRole("img", { name: /the table below says the same/ })).toBeTruthy();
  expect(screen.getByText("0.700 (0.600 to 0.800)")).toBeTruthy();
  expect(screen.queryByRole("button")).toBeNull();
});

test("who may not train sees the curve and no button", async () => {
  platform({ 2: planned });
  const viewer = { ...ALONE, mode: "server", is_admin: false, roles: { p: "viewer" } } as typeof ALONE;
  show(<MoreData projectId="p" comparison={comparison} />, "/", "*", (queries) =>
    queries.setQueryData(accountQuery().queryKey, viewer),
  );
  expect(await screen.findByRole("table", { name: "Learning curve" })).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Find out" })).toBeNull();
});

test("the line goes on to twice the recordings only after a gain, from the last point, with its interval", () => {
  const [measured, ahead] = curveTraces(found);
  expect(measured?.x).toEqual([30, 60]);
  expect(measured?.y).toEqual([0.7, 0.8]);
  expect(ahead?.x).toEqual([60, 120]);
  expect(ahead?.y?.[1]).toBeCloseTo(0.9);
  expect(ahead?.error_y.array[1]).toBeCloseTo(0.08);
  expect(ahead?.error_y.arrayminus[1]).toBeCloseTo(0.08);
  expect(curveTraces({ ...found, verdict: "no_gain", ahead: null })).toHaveLength(1);
});

test("a score without interval or without a number is said so", () => {
  expect(scoreText({ value: 1, low: null, high: null, withheld: null })).toBe("1.000");
  expect(scoreText({ value: null, low: null, high: null, withheld: "too few to say: 4" })).toBe("too few to say: 4");
});
