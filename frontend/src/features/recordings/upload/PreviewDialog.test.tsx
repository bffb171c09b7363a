import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Preview } from "@/api/types";
import { answering, show } from "@/test/render";
import { type Declared, USUAL } from "./declared";
import { PreviewDialog } from "./PreviewDialog";

const header = { path: "a/1.hea", file: new File(["1 12 500 5000"], "1.hea") };
const data = { path: "a/1.dat", file: new File(["samples"], "1.dat") };
let asked: string[] = [];

beforeEach(() => {
  asked = [];
  vi.stubGlobal(
    "fetch",
    answering({
      "POST /api/v1/projects/p/recordings/preview": async (request) => {
        asked.push(await request.text());
        const arbitrary = asked.at(-1)?.includes("arbitrary");
        return {
          file_name: "a/1.hea",
          format: "wfdb",
          left_open: ["unit"],
          unit: arbitrary ? "arbitrary" : "mV",
          missing_leads: [],
          notes: [],
          findings: [],
          offers: arbitrary ? [] : [{ unit: "arbitrary" }],
        } satisfies Partial<Preview>;
      },
    }),
  );
});
afterEach(() => vi.unstubAllGlobals());

test("a WFDB record whose unit is no voltage is read without a scale at the press of a button", async () => {
  const user = userEvent.setup();
  let imported: Declared | null = null;
  show(
    <PreviewDialog
      projectId="p"
      batch={{ number: 1, files: [header, data], asked: [{ ...header, beside: [data] }] }}
      declared={USUAL}
      onImport={(declared) => {
        imported = declared;
      }}
      onCancel={() => {}}
    />,
  );
  expect(await screen.findByText(/This file does not state the unit/)).toBeTruthy();
  expect(asked[0]).toContain('filename="a/1.hea"');
  expect(asked[0]).toContain('filename="a/1.dat"'); // without its data a header cannot be read
  await user.click(await screen.findByRole("button", { name: "Normalised, without a scale" }));
  await waitFor(() => expect(asked).toHaveLength(2));
  expect(asked[1]).toContain("arbitrary");
  await user.click(screen.getByRole("button", { name: "Import 2 files" }));
  expect(imported).toEqual({ ...USUAL, scale: "arbitrary" });
});
