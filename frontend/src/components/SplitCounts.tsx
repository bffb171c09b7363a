import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Table } from "@mantine/core";
import { region } from "@/language/language";
import { Section } from "./Page";

type Part = { n: number; labels: Record<string, number> };
const PARTS = [
  ["train", t`Training`],
  ["validation", t`Validation`],
  ["test", t`Test`],
] as const;

/** How many recordings of each label are in each part, as a run's facts say it; nothing where they do not. */
export function SplitCounts({ facts, noun = t`Label` }: { facts: Record<string, unknown>; noun?: string }) {
  const counts = facts.counts as Record<string, Part> | undefined;
  const parts = PARTS.map(([key, title]) => ({ title, part: counts?.[key] })).filter(({ part }) => part);
  const labels = Object.keys(parts[0]?.part?.labels ?? {});
  if (parts.length === 0) return null;
  return (
    <Section title={parts.length === 1 ? t`Recordings` : t`Recordings in each part`}>
      <Table.ScrollContainer minWidth={360} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
        <Table className="numbers" aria-label={t`Recordings in each part`} maw={720}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{noun}</Table.Th>
              {parts.map(({ title }) => (
                <Table.Th key={title} ta="right">
                  {parts.length === 1 ? t`Recordings` : title}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {labels.map((label) => (
              <Table.Tr key={label}>
                <Table.Td>{label}</Table.Td>
                {parts.map(({ title, part }) => (
                  <Table.Td key={title} ta="right">
                    {(part?.labels[label] ?? 0).toLocaleString(region())}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
            <Table.Tr fw={650}>
              <Table.Td>
                <Trans>All recordings</Trans>
              </Table.Td>
              {parts.map(({ title, part }) => (
                <Table.Td key={title} ta="right">
                  {part?.n.toLocaleString(region())}
                </Table.Td>
              ))}
            </Table.Tr>
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Section>
  );
}
