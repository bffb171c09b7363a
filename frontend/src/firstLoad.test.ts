import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { checkFirstLoad, firstLoad, type Output } from "../firstLoad";

/** Text that cannot be compressed to less than half. */
const noise = (bytes: number) => randomBytes(bytes).toString("hex");
const chunk = (fileName: string, code: string, imports: string[] = [], css: string[] = [], isEntry = false) => ({
  type: "chunk" as const,
  fileName,
  isEntry,
  imports,
  code,
  viteMetadata: { importedCss: new Set(css) },
});

const output = (): Output => ({
  "index.js": chunk("index.js", noise(10_000), ["kit.js"], ["index.css"], true),
  "kit.js": chunk("kit.js", noise(20_000), ["index.js", "deep.js"]), // a circle does no harm
  "deep.js": chunk("deep.js", noise(5000)),
  "index.css": { type: "asset", fileName: "index.css", source: noise(8000) },
  "chart.js": chunk("chart.js", noise(900_000), ["kit.js"]),
});

test("what is imported at once counts, with its styles; what is loaded later does not", () => {
  expect(firstLoad(output()).map(([name]) => name)).toEqual(["kit.js", "index.js", "index.css", "deep.js"]);
  expect(checkFirstLoad(output(), 60_000)).toBeGreaterThan(43_000);
});

test("a first load that is too large fails the build and names its largest files", () => {
  expect(() => checkFirstLoad(output(), 40 * 1024)).toThrow(
    /^The first load is \d+ KB compressed, more than 40 KB: kit.js 2\d KB/,
  );
});

test("a chart that comes with the first load is found out", () => {
  const eager = output();
  eager["index.js"] = chunk("index.js", "", ["kit.js", "chart.js"], [], true);
  expect(() => checkFirstLoad(eager)).toThrow(/chart.js/);
});
