import { Code, List, Stack, Table, Text, Title, type TitleOrder } from "@mantine/core";
import { useMemo } from "react";
import { type Block, type Inline, parseMarkdown } from "@/lib/markdown";

type Props = { text: string /** The heading of the first level becomes one of this level. */; topLevel?: number };

/** A Markdown text, as far as model cards go. Whatever it holds, it becomes text: never HTML, never a link. */
export function Markdown({ text, topLevel = 2 }: Props) {
  const blocks = useMemo(() => parseMarkdown(text), [text]);
  return (
    <Stack gap="sm" style={{ overflowWrap: "anywhere" }}>
      {blocks.map((block, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never move
        <Part key={index} block={block} topLevel={topLevel} />
      ))}
    </Stack>
  );
}

function Part({ block, topLevel }: { block: Block; topLevel: number }) {
  switch (block.kind) {
    case "heading": {
      const order = Math.min(6, block.level + topLevel - 1) as TitleOrder;
      return (
        <Title order={order} size="h5" mt={block.level > 1 ? "xs" : 0}>
          <Words words={block.text} />
        </Title>
      );
    }
    case "paragraph":
      return (
        <Text size="sm">
          <Words words={block.text} />
        </Text>
      );
    case "list":
      return (
        <List size="sm" spacing={4}>
          {block.items.map((item, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never move
            <List.Item key={index}>
              <Words words={item} />
            </List.Item>
          ))}
        </List>
      );
    case "table":
      return <Grid head={block.head} rows={block.rows} />;
  }
}

function Grid({ head, rows }: { head: Inline[][]; rows: Inline[][][] }) {
  return (
    <Table.ScrollContainer minWidth={120 * head.length} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table className="numbers" withTableBorder>
        <Table.Thead>
          <Table.Tr>
            {head.map((cell, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never move
              <Table.Th key={index}>
                <Words words={cell} />
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never move
            <Table.Tr key={index}>
              {row.map((cell, column) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never move
                <Table.Td key={column}>
                  <Words words={cell} />
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Words({ words }: { words: Inline[] }) {
  return words.map(({ text, look }, index) => {
    // biome-ignore-start lint/suspicious/noArrayIndexKey: the parts of a text never move
    if (look === "strong") return <strong key={index}>{text}</strong>;
    if (look === "code") return <Code key={index}>{text}</Code>;
    return <span key={index}>{text}</span>;
    // biome-ignore-end lint/suspicious/noArrayIndexKey: the parts of a text never move
  });
}
