import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { checkFirstLoad, firstLoad, firstLoadLimit, type Output } from "../firstLoad";

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

const START = { facadeModuleId: "/frontend/src/app/start.tsx" };
const GERMAN = { facadeModuleId: "/frontend/src/locales/de/shell.po" };
/** As it is built: the entry settles the language, and imports the page and German texts later, but before anything is shown. */
const built = (): Output => ({
  "index.js": chunk("index.js", noise(1000), ["lingui.js"], ["index.css"], true),
  "lingui.js": chunk("lingui.js", noise(2000)),
  "start.js": { ...chunk("start.js", noise(20_000), ["index.js", "lingui.js", "kit.js"], ["start.css"]), ...START },
  "kit.js": chunk("kit.js", noise(9000), ["start.js"]),
  "shell.js": { ...chunk("shell.js", noise(8000)), ...GERMAN },
  "training.js": { ...chunk("training.js", noise(90_000)), facadeModuleId: "/src/locales/de/training.po" },
  "start2.js": { ...chunk("start2.js", noise(90_000)), facadeModuleId: "/src/features/runs/start.tsx" },
  "index.css": { type: "asset", fileName: "index.css", source: noise(4000) },
  "start.css": { type: "asset", fileName: "start.css", source: noise(500) },
});

test("the page and the German texts of every page count, though the entry imports them later; other texts do not", () => {
  expect(firstLoad(built()).map(([name]) => name)).toEqual([
    "start.js",
    "kit.js",
    "shell.js",
    "index.css",
    "lingui.js",
    "index.js",
    "start.css",
  ]);
  expect(() => checkFirstLoad(built(), 40 * 1024)).toThrow(/start.js 2\d KB, kit.js \d+ KB, shell.js/);
});

test("the page is asked for with the entry, with whatever it needs that is not there yet; German texts only where they are wanted", () => {
  const { transformIndexHtml } = firstLoadLimit();
  const { handler } = transformIndexHtml as {
    handler: (html: string, context: object) => { tags: { attrs: object }[] };
  };
  const { tags } = handler("", { bundle: built() });
  expect(tags.map(({ attrs }) => attrs)).toEqual(
    ["/start.js", "/kit.js"].map((href) => ({ rel: "modulepreload", crossorigin: true, href })),
  );
  expect(handler("", {}).tags).toEqual([]); // while one works on the page nothing is built
});
