import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { show } from "@/test/render";
import { Beside } from "./Beside";

test("cautions, what was left out by name, what is not checked and questions are all said", () => {
  show(
    <Beside
      said={{
        cautions: [{ kind: "seen", text: "This is no result." }],
        left_out: [{ kind: "seen", text: "2 recordings were kept out.", n: 2, files: ["a.dcm"] }],
        not_checked: ["whether CardX has seen them."],
        questions: [{ text: "Are p-1 and p-2 the same patient?", patients: [], written: [], files: [], counts: [] }],
      }}
    />,
  );
  for (const text of [
    "This is no result.",
    "2 recordings were kept out. (a.dcm, …)",
    "Are p-1 and p-2 the same patient?",
  ])
    expect(screen.getByText(text)).toBeTruthy();
  expect(screen.getByText("Not checked: whether CardX has seen them.")).toBeTruthy();
});

test("where there is nothing to say, nothing is shown", () => {
  show(<Beside said={{ cautions: [], left_out: [] }} />);
  expect(screen.queryByRole("region")).toBeNull();
});
