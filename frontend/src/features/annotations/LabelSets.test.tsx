import { screen } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import type { Account, LabelSet, Role } from "@/api/types";
import { answering, show } from "@/test/render";
import { LabelSets } from "./LabelSets";

const SET: LabelSet = {
  id: "s",
  name: "Rhythm",
  task: "single_label",
  labels: [{ name: "AF", key: "1", code: "", system: "" }],
  region_classes: [],
  blind: true,
  n_readers: 2,
  n_versions: 0,
  created_by: "tom",
  created_at: "2026-01-02T03:04:05Z",
  progress: {
    n_recordings: 4,
    n_read: 2,
    n_read_twice: 1,
    n_mine: 1,
    n_left: 3,
    n_disagreements: 1,
    n_adjudicated: 0,
  },
};

const asked: string[] = [];

function shownTo(role: Role) {
  const account: Account = {
    mode: "server",
    signed_in: true,
    id: "1",
    name: "eva",
    is_admin: false,
    roles: { p: role },
    provider: null,
    by_provider: false,
    password_sign_in: true,
    csrf_token: "token",
  };
  vi.stubGlobal(
    "fetch",
    answering({
      "GET /api/v1/account": () => account,
      "GET /api/v1/projects/p/annotations": () => {
        asked.push(role);
        return [SET];
      },
    }),
  );
  show(<LabelSets projectId="p" />, "/", "*", (queries) => queries.setQueryData(["account"], account));
}

beforeEach(() => {
  asked.length = 0;
});

test("a trainer is offered all that is done with a label set", async () => {
  shownTo("trainer");
  expect(await screen.findByText("Disagreements and agreement")).toBeTruthy();
  for (const name of ["Read ECGs", "CSV", "CSV, each reading"]) expect(screen.getByRole("link", { name })).toBeTruthy();
  for (const name of ["New label set", "Make a dataset", "Change"]) {
    expect(screen.getByRole("button", { name })).toBeTruthy();
  }
});

test("an annotator reads, and is offered nothing that shows what others say", async () => {
  shownTo("annotator");
  expect(await screen.findByRole("link", { name: "Read ECGs" })).toBeTruthy();
  expect(screen.getAllByRole("link")).toHaveLength(1);
  expect(screen.queryByRole("button")).toBeNull();
});

test("a viewer is told what it takes, and nothing is asked for that would be refused", async () => {
  shownTo("viewer");
  expect(await screen.findByText(/It takes the role “annotator”/)).toBeTruthy();
  expect(asked).toEqual([]);
});
