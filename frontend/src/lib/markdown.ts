/** The little of Markdown that model cards use: headings, lists, tables, paragraphs; strong words and code in them. */

export type Inline = { text: string; look?: "strong" | "code" };

export type Block =
  | { kind: "heading"; level: number; text: Inline[] }
  | { kind: "paragraph"; text: Inline[] }
  | { kind: "list"; items: Inline[][] }
  | { kind: "table"; head: Inline[][]; rows: Inline[][][] };

const ENTITIES: Record<string, string> = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };

/** Parse a text; what is not understood stays as it is written, and nothing becomes HTML or a link. */
export function parseMarkdown(text: string): Block[] {
  const blocks: Block[] = [];
  for (const line of text.split(/\r?\n/)) {
    const last = blocks.at(-1);
    const heading = /^(#{1,6}) +(.*)$/.exec(line);
    const item = /^- +(.*)$/.exec(line);
    if (heading) {
      blocks.push({ kind: "heading", level: heading[1]?.length ?? 1, text: inline(heading[2] ?? "") });
    } else if (item) {
      const words = inline(item[1] ?? "");
      if (last?.kind === "list") last.items.push(words);
      else blocks.push({ kind: "list", items: [words] });
    } else if (line.startsWith("|")) {
      const cells = cellsOf(line);
      if (last?.kind !== "table") blocks.push({ kind: "table", head: cells.map(inline), rows: [] });
      else if (!cells.every((cell) => /^:?-+:?$/.test(cell))) last.rows.push(cells.map(inline));
    } else if (line.trim() === "") {
      // An empty line ends whatever was before it, but lists and tables that follow each other are one.
      if (last?.kind === "paragraph") blocks.push({ kind: "paragraph", text: [] });
    } else if (last?.kind === "paragraph" && last.text.length > 0) {
      last.text.push({ text: " " }, ...inline(line.trim()));
    } else {
      blocks.push({ kind: "paragraph", text: inline(line.trim()) });
    }
  }
  return blocks.filter((block) => block.kind !== "paragraph" || block.text.length > 0);
}

/** The cells of a line of a table; an escaped bar belongs to its cell. */
function cellsOf(line: string): string[] {
  const inner = line
    .trim()
    .replace(/^\|/, "")
    .replace(/(?<!\\)\|$/, "");
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim());
}

function inline(text: string): Inline[] {
  const found: Inline[] = [];
  let at = 0;
  for (const match of text.matchAll(/(?<!\\)\*\*(.+?)(?<!\\)\*\*|(?<!\\)`([^`]*)`/g)) {
    if (match.index > at) found.push({ text: unescaped(text.slice(at, match.index)) });
    if (match[1] !== undefined) found.push({ text: unescaped(match[1]), look: "strong" });
    else found.push({ text: unescaped(match[2] ?? ""), look: "code" });
    at = match.index + match[0].length;
  }
  if (at < text.length) found.push({ text: unescaped(text.slice(at)) });
  return found;
}

function unescaped(text: string): string {
  return text.replace(/\\([\\`*_[\]#|~])/g, "$1").replace(/&(?:lt|gt|amp);/g, (entity) => ENTITIES[entity] ?? entity);
}
