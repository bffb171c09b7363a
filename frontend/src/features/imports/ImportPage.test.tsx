import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { answering, show } from "@/test/render";
import { ImportPage } from "./ImportPage";

const BASE = "/api/v1/projects/p/imports/i";
const outcome = (file_name: string, status: string, detail = "") => ({
  file_name,
  status,
  detail,
  recording_ids: status === "refused" ? [] : [file_name],
  findings: [],
});
let asked: string[] = [];

beforeEach(() => {
  asked = [];
  vi.stubGlobal(
    "fetch",
    answering({
      [`GET ${BASE}`]: () => ({
        id: "i",
        created_at: "2026-01-02T03:04:05Z",
        declared: { rate: 100, units_per_mv: 1, unit: "mV" },
        n_files: 2,
        imported: 1,
        duplicate: 0,
        updated: 0,
        refused: 1,
        with_findings: 0,
      }),
      [`GET ${BASE}/outcomes`]: (request) => {
        const query = new URL(request.url).searchParams;
        asked.push(new URL(request.url).search);
        const all = [outcome("a.csv", "imported"), outcome("b.csv", "refused", "b.csv: Lead V6 is missing.")];
        const items = all.filter(({ status }) => !query.get("status") || status === query.get("status"));
        return { items: query.get("search") === "zzz" ? [] : items, total: query.get("search") === "zzz" ? 0 : 2 };
      },
    }),
  );
});
afterEach(() => vi.unstubAllGlobals());

const page = () => show(<ImportPage />, "/projects/p/imports/i", "/projects/:projectId/imports/:importId");
const report = () => screen.getByRole("link", { name: "Download as CSV" }).getAttribute("href");

test("the report lists each file with its outcome, and says what was declared", async () => {
  page();
  const table = await screen.findByRole("table", { name: "Outcomes of the import" });
  expect(within(table).getByRole("link", { name: "a.csv" }).getAttribute("href")).toBe(
    "/projects/p/recordings/a.csv?import_id=i&sort=import",
  );
  expect(within(table).getByText("Lead V6 is missing.")).toBeTruthy();
  expect(screen.getByText("1 refused")).toBeTruthy();
  expect(screen.getByText(/100 Hz, 1 unit per mV\./)).toBeTruthy();
});

test("a filter and a search hold for the list and for the file to download", async () => {
  const user = userEvent.setup();
  page();
  await user.click(await screen.findByRole("radio", { name: "Refused" }));
  await waitFor(() => expect(screen.queryByText("a.csv")).toBeNull());
  expect(report()).toBe(`${BASE}/report.csv?status=refused`);
  await user.type(screen.getByRole("textbox", { name: "Search files and reasons" }), "zzz");
  expect(await screen.findByText("No file matches.")).toBeTruthy();
  expect(report()).toBe(`${BASE}/report.csv?status=refused&search=zzz`);
  expect(asked.at(-1)).toContain("search=zzz");
});
