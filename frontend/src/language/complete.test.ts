import { getCatalogs } from "@lingui/cli/api";
import { getConfig } from "@lingui/conf";
import { expect, test } from "vitest";

const config = getConfig({ cwd: process.cwd() });
/** Names of the values and numbers of the tags that a text holds, each once; forms of a number repeat them. */
const holes = (text: string) =>
  [...new Set(text.match(/(?<!\b(?:one|other|few|many|two|zero|=\d+) )\{\w+(?=[,}])|<\/?\d+\/?>/g) ?? [])].sort();

test("every text of the page has a German one, of now and with the same values and tags in it", async () => {
  const wrong: string[] = [];
  for (const catalog of await getCatalogs(config)) {
    const used = await catalog.collect({ files: undefined });
    const german = await catalog.read("de");
    for (const [id, { message = "", origin }] of Object.entries(used ?? {})) {
      const text = german?.[id]?.translation ?? "";
      const where = `${catalog.name} ${origin?.[0]?.[0] ?? ""}: ${message}`;
      if (!text) wrong.push(`missing: ${where}`);
      else if (holes(text).join() !== holes(message).join()) wrong.push(`other values or tags: ${where} | ${text}`);
    }
    for (const [id, { message = "" }] of Object.entries(german ?? {}))
      if (!(used && id in used)) wrong.push(`no longer used: ${catalog.name}: ${message}`);
  }
  expect(wrong).toEqual([]);
}, 120_000);

test("one text has one German text, whichever file it stands in", async () => {
  const known = new Map<string, string>();
  const wrong: string[] = [];
  for (const catalog of await getCatalogs(config))
    for (const [id, { message = "", translation = "" }] of Object.entries((await catalog.read("de")) ?? {})) {
      const other = known.get(id) ?? translation;
      if (other !== translation) wrong.push(`${message}: ${other} | ${translation} (${catalog.name})`);
      known.set(id, other);
    }
  expect(wrong).toEqual([]);
});
