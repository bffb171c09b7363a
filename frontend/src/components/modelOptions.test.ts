import { expect, test } from "vitest";
import type { Model } from "@/api/types";
import { modelOptions, scoreText } from "./modelOptions";

const model = (id: string, project: string, value?: number | null, measure = "macro_auroc"): Model =>
  ({
    id,
    name: id,
    project_id: project,
    project_name: project.replace(/\d$/, ""),
    has_head: true,
    score: value === undefined ? null : { measure, value, low: null, high: null, withheld: "" },
  }) as Model;

test("the project's own models stand first, the others under their project, each with its score", () => {
  const groups = modelOptions(
    [model("far", "ward1", 0.9), model("own", "here", 0.8123), model("untested", "here")],
    "here",
  );
  expect(groups).toEqual([
    {
      group: "This project",
      items: [
        { value: "own", label: "own · AUROC 0.812" },
        { value: "untested", label: "untested · not tested" },
      ],
    },
    { group: "Project “ward”", items: [{ value: "far", label: "far · AUROC 0.900" }] },
  ]);
});

test("two projects of one name stay two groups", () => {
  const names = modelOptions([model("a", "ward1"), model("b", "ward2")], "here").map(({ group }) => group);
  expect(names).toEqual(["Project “ward”", "Project “ward” (2)"]);
});

test("a value model is told by its R², and one that cannot be told says so", () => {
  expect(scoreText(model("a", "p", 0.44, "macro_r2"))).toBe("R² 0.440");
  expect(scoreText(model("a", "p", null))).toBe("too few to say how good");
  expect(scoreText({ ...model("a", "p"), has_head: false })).toBe("predicts nothing by itself");
});
