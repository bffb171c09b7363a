import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";

/** Which part may import which. All arrows point down; two features meet only in `app`. */
const LEVELS = ["app", "features", "components", "api", "lib"];
/** Jobs are followed, results are shown, and drift is checked, by several features: these they may use. */
const SHARED_FEATURES = ["jobs", "evaluations", "drift"];

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

/** The file that an import names. */
const fileOf = (name: string) => [`${name}.ts`, `${name}.tsx`].find((path) => files.includes(path));

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
        .filter((feature) => feature !== path.split("/")[1] && !SHARED_FEATURES.includes(feature ?? ""))
        .map((feature) => `${path} imports ${feature}`),
    );
  expect(wrong).toEqual([]);
});

test("no file imports itself by way of others", () => {
  const arrows = new Map(
    files.map((path) => [
      path,
      importsOf(path)
        .map(fileOf)
        .filter((name) => name !== undefined),
    ]),
  );
  const done = new Set<string>();
  const circles: string[] = [];
  const follow = (path: string, trail: readonly string[]) => {
    if (trail.includes(path)) circles.push([...trail.slice(trail.indexOf(path)), path].join(" -> "));
    if (trail.includes(path) || done.has(path)) return;
    for (const next of arrows.get(path) ?? []) follow(next, [...trail, path]);
    done.add(path);
  };
  for (const path of files) follow(path, []);
  expect([...arrows.values()].flat().length).toBeGreaterThan(300);
  expect(circles).toEqual([]);
});

test("no component file is longer than 250 lines", () => {
  const long = files.filter(
    (path) => path.endsWith(".tsx") && readFileSync(join(root, path), "utf8").split("\n").length > 251,
  );
  expect(long).toEqual([]);
});
