/**
 * How much a browser loads before it shows anything: the entry, the page with what it imports at once, their styles,
 * and the German texts that every page shows. The page is asked for together with the entry, not after it.
 */

import { gzipSync } from "node:zlib";
import type { HtmlTagDescriptor, Plugin } from "vite";

/** Of compressed bytes; what is loaded later, when a page or a chart needs it, does not count. */
export const MOST_BYTES = 250 * 1024;

/** What the entry loads before anything is shown, though not by an import of its head. */
const PAGE = "/src/app/start.tsx";
const FIRST_TEXTS = "/src/locales/de/shell.po";

type Chunk = {
  type: "chunk";
  fileName: string;
  isEntry: boolean;
  facadeModuleId?: string | null;
  imports: readonly string[];
  code: string;
  viteMetadata?: { importedCss: ReadonlySet<string> } | undefined;
};
type Asset = { type: "asset"; fileName: string; source: string | Uint8Array };
export type Output = Record<string, Chunk | Asset>;

/** Compressed bytes of each file of the first load, the largest first. */
export function firstLoad(output: Output): [name: string, bytes: number][] {
  const names = new Set<string>();
  const take = (name: string) => {
    const chunk = output[name];
    if (chunk?.type !== "chunk" || names.has(name)) return;
    names.add(name);
    for (const css of chunk.viteMetadata?.importedCss ?? []) names.add(css);
    for (const other of chunk.imports) take(other);
  };
  for (const [name, one] of Object.entries(output))
    if (one.type === "chunk" && (one.isEntry || isFirst(one, PAGE) || isFirst(one, FIRST_TEXTS))) take(name);
  const size = (one: Chunk | Asset | undefined) =>
    one === undefined ? 0 : gzipSync(one.type === "chunk" ? one.code : one.source, { level: 9 }).length;
  return [...names].map((name): [string, number] => [name, size(output[name])]).sort((a, b) => b[1] - a[1]);
}

function isFirst(chunk: Chunk, module: string): boolean {
  return chunk.facadeModuleId?.endsWith(module) ?? false;
}

/** Raise an Error, with the largest files, where the first load is too large. */
export function checkFirstLoad(output: Output, most = MOST_BYTES): number {
  const files = firstLoad(output);
  const total = files.reduce((sum, [, bytes]) => sum + bytes, 0);
  if (total <= most) return total;
  const largest = files.slice(0, 5).map(([name, bytes]) => `${name} ${Math.round(bytes / 1024)} KB`);
  throw new Error(
    `The first load is ${Math.round(total / 1024)} KB compressed, more than ${Math.round(most / 1024)} KB: ${largest.join(", ")}. Load what is not needed at once with import().`,
  );
}

/** Have the page's files fetched while the entry is still being read; those that the entry imports are there already. */
function preloads(output: Output): HtmlTagDescriptor[] {
  const names = new Set<string>();
  const there = new Set(
    Object.values(output).flatMap((one) => (one.type === "chunk" && one.isEntry ? one.imports : [])),
  );
  const take = (name: string) => {
    const chunk = output[name];
    if (chunk?.type !== "chunk" || chunk.isEntry || names.has(name)) return;
    names.add(name);
    for (const other of chunk.imports) take(other);
  };
  for (const [name, one] of Object.entries(output)) if (one.type === "chunk" && isFirst(one, PAGE)) take(name);
  return [...names]
    .filter((name) => !there.has(name))
    .map((name) => ({
      tag: "link",
      attrs: { rel: "modulepreload", crossorigin: true, href: `/${name}` },
      injectTo: "head",
    }));
}

/** Fails a build whose first load is too large. */
export function firstLoadLimit(): Plugin {
  return {
    name: "first-load-limit",
    apply: "build",
    enforce: "post",
    transformIndexHtml: {
      order: "post",
      handler: (html, { bundle }) => ({ html, tags: bundle ? preloads(bundle as unknown as Output) : [] }),
    },
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const total = checkFirstLoad(bundle as unknown as Output);
        this.info(`First load: ${Math.round(total / 1024)} KB compressed, of ${MOST_BYTES / 1024} KB at most`);
      },
    },
  };
}
