import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { LabelChoice } from "@/api/types";
import { answering, show } from "@/test/render";
import { AttachTable } from "./AttachTable";

const BASE = "POST /api/v1/projects/p/datasets";
const likely: LabelChoice = {
  recording: ["{path}"],
  labels: ["scp_codes"],
  values: [],
  patient: "patient_id",
  sex: null,
  age: null,
  split: "",
  fold: "",
  code: "",
  threshold: 0,
  superclasses: true,
  separators: ";|",
};
const column = (name: string, kind: string) => ({ name, kind, n_filled: 2, n_distinct: 2, examples: ["x", "y"] });
const understood = {
  task: "multi_label",
  n_rows: 2,
  n_matched: 1,
  counts: [{ label: "NORM", n_rows: 2 }],
  labels: ["NORM"],
  rows: [
    { row: 1, name: "a", recording: "a.hea", labels: ["NORM"], values: [], patient_id: "7", part: null },
    { row: 2, name: "b", recording: null, labels: [], values: [], patient_id: "8", part: null },
  ],
  notes: ["1 rows have no label and were left out."],
};
let asked: (LabelChoice | null)[] = [];
let sent: LabelChoice | null = null;

async function choiceOf(request: Request): Promise<LabelChoice | null> {
  const text = /name="choice"\r\n\r\n(.*?)\r\n/s.exec(await request.text())?.[1];
  return text ? JSON.parse(text) : null;
}

beforeEach(() => {
  asked = [];
  sent = null;
  vi.stubGlobal(
    "fetch",
    answering({
      [`${BASE}/preview`]: async (request) => {
        const choice = await choiceOf(request);
        asked.push(choice);
        return {
          kind: "csv",
          n_rows: 2,
          n_recordings: 1,
          columns: [
            column("sex", "yes_no"),
            column("patient_id", "number"),
            column("scp_codes", "dictionary"),
            column("path", "text"),
          ],
          first_rows: [],
          matches: [{ template: "{path}", n_matched: 1, columns: ["path"], is_plain: true }],
          suggestions: [
            { title: "the superclasses", choice: likely },
            { title: "the codes", choice: { ...likely, superclasses: false } },
          ],
          question: choice ? "" : "Which columns are the labels?",
          choice: choice ?? likely,
          problem: choice?.values.length ? "Row 1 is no number." : "",
          understood: choice?.values.length ? null : understood,
          notes: [],
        };
      },
      [BASE]: async (request) => {
        sent = await choiceOf(request);
        return Response.json({ name: "t", n_matched: 1, n_unmatched: 1 }, { status: 201 });
      },
    }),
  );
});
afterEach(() => vi.unstubAllGlobals());

const taken = vi.fn();
const page = () => show(<AttachTable projectId="p" file={new File(["a"], "t.csv")} onTaken={taken} />);
const button = () => screen.getByRole("button", { name: "Upload labels" }) as HTMLButtonElement;

test("nothing is attached before the labels are chosen, and then what was chosen", async () => {
  const user = userEvent.setup();
  page();
  expect(await screen.findByText("Which columns are the labels?")).toBeTruthy();
  expect(button().disabled).toBe(true);
  await user.click(screen.getByRole("button", { name: "the superclasses" }));
  await waitFor(() => expect(button().disabled).toBe(false));
  const rows = screen.getByRole("table", { name: "The first rows as they are understood" });
  expect(within(rows).getByText("a.hea")).toBeTruthy();
  expect(within(rows).getByText("not matched")).toBeTruthy();
  expect(screen.getByText("1 of 2 rows matched to a recording")).toBeTruthy();
  await user.click(button());
  await waitFor(() => expect(taken).toHaveBeenCalled());
  expect(sent).toEqual(likely);
});

test("a role chosen for a column is asked for and its problem stands beside it", async () => {
  const user = userEvent.setup();
  page();
  await user.selectOptions(await screen.findByRole("combobox", { name: "Meaning of sex" }), "Value to learn");
  expect(await screen.findByText("Row 1 is no number.")).toBeTruthy();
  expect(asked.at(-1)).toMatchObject({ values: ["sex"], labels: [], patient: "patient_id" });
  expect(button().disabled).toBe(true);
});

test("columns that likely mean something come first", async () => {
  page();
  const table = await screen.findByRole("table", { name: "Columns of the table" });
  const names = within(table)
    .getAllByRole("combobox")
    .map((menu) => menu.getAttribute("aria-label"));
  expect(names).toEqual(["Meaning of patient_id", "Meaning of scp_codes", "Meaning of path", "Meaning of sex"]);
});
