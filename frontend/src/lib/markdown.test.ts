import { expect, test } from "vitest";
import { parseMarkdown } from "./markdown";

test("headings, paragraphs, lists and tables are told apart", () => {
  const blocks = parseMarkdown(
    "# A model\n\nIt looks at\n10 s.\n\n- one\n- two\n\n| label | n |\n| --- | --- |\n| MI | 3 |\n",
  );
  expect(blocks.map(({ kind }) => kind)).toEqual(["heading", "paragraph", "list", "table"]);
  expect(blocks[1]).toMatchObject({ text: [{ text: "It looks at" }, { text: " " }, { text: "10 s." }] });
  expect(blocks[3]).toEqual({
    kind: "table",
    head: [[{ text: "label" }], [{ text: "n" }]],
    rows: [[[{ text: "MI" }], [{ text: "3" }]]],
  });
});

test("strong words and code are marked, escaped signs are themselves", () => {
  const [block] = parseMarkdown("It is **not a device**: `ab12`, a\\*b\\*, x\\|y.");
  expect(block).toMatchObject({
    text: [
      { text: "It is " },
      { text: "not a device", look: "strong" },
      { text: ": " },
      { text: "ab12", look: "code" },
      { text: ", a*b*, x|y." },
    ],
  });
});

test("HTML and links stay the text they are", () => {
  const [block] = parseMarkdown("<img src=x onerror=alert(1)> &lt;b&gt; [click](javascript:alert(1)) &amp;lt;");
  expect(block).toEqual({
    kind: "paragraph",
    text: [{ text: "<img src=x onerror=alert(1)> <b> [click](javascript:alert(1)) &lt;" }],
  });
});

test("a cell may hold an escaped bar and be empty", () => {
  const [block] = parseMarkdown("| a | b |\n|---|---|\n| x\\|y |  |");
  expect(block).toMatchObject({ rows: [[[{ text: "x|y" }], []]] });
});
