import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";

/** Which part may import which. All arrows point down; two features meet only in `app`. */
const LEVELS = ["app", "features", "components", "api", "lib"];
/** Following a job is what several features need, so it is the one feature they may use. */
const SHARED_FEATURE = "jobs";

const root = import.meta.dirname;
const files = readdirSync(root, { recursive: true, encoding: "utf8" })
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => /\.tsx?$/.test(path) && !path.endsWith(".d.ts") && !path.includes(".test."));

function importsOf(path: string): string[] {
  const text = readFileSync(join(root, path), "utf8");
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)]
    .map((match) => match[1] ?? "")
    .filter((name) => name.startsWith("@/") || name.startsWith("."))
    .map((name) => (name.startsWith("@/") ? name.slice(2) : relative(root, join(root, path, "..", name))));
}

test("imports point downwards: app, features, components, api, lib", () => {
  const wrong = files.flatMap((path) => {
    const own = LEVELS.indexOf(path.split("/")[0] ?? "");
    return importsOf(path)
      .filter((name) => own >= 0 && LEVELS.indexOf(name.split("/")[0] ?? "") < own)
      .filter((name) => LEVELS.includes(name.split("/")[0] ?? ""))
      .map((name) => `${path} imports ${name}`);
  });
  expect(wrong).toEqual([]);
});

test("features do not know each other", () => {
  const wrong = files
    .filter((path) => path.startsWith("features/"))
    .flatMap((path) =>
      importsOf(path)
        .filter((name) => name.startsWith("features/"))
        .map((name) => name.split("/")[1])
        .filter((feature) => feature !== path.split("/")[1] && feature !== SHARED_FEATURE)
        .map((feature) => `${path} imports ${feature}`),
    );
  expect(wrong).toEqual([]);
});

test("no component file is longer than 250 lines", () => {
  const long = files.filter(
    (path) => path.endsWith(".tsx") && readFileSync(join(root, path), "utf8").split("\n").length > 251,
  );
  expect(long).toEqual([]);
});
