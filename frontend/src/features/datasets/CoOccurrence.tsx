import { t } from "@lingui/core/macro";
import { Table, Text } from "@mantine/core";
import { useMemo } from "react";
import type { DatasetStatistics } from "@/api/types";
import { TextLink } from "@/components/ButtonLink";
import { Section } from "@/components/Page";
import { region } from "@/language/language";
import type { RecordingList } from "@/lib/recordingList";

const SHOWN = 12;

/** Which labels recordings have at once: the most frequent labels against each other. */
export function CoOccurrence({
  statistics,
  to,
}: {
  statistics: DatasetStatistics;
  to: (list: RecordingList) => string;
}) {
  const labels = statistics.labels.slice(0, SHOWN);
  const nLabels = statistics.labels.length;
  const n = useMemo(() => {
    const counted = new Map<string, number>();
    for (const pair of statistics.pairs) {
      counted.set(JSON.stringify([pair.one, pair.other]), pair.n);
      counted.set(JSON.stringify([pair.other, pair.one]), pair.n);
    }
    return counted;
  }, [statistics.pairs]);
  const share = (row: number, both: number) => (row ? both / row : 0);
  return (
    <Section title={t`Labels that go together`}>
      <Text size="sm" c="dimmed">
        {t`Recordings that have both labels; the darker a field, the larger the share of its row.`}
        {nLabels > SHOWN && ` ${t`The ${SHOWN} most frequent of ${nLabels} labels.`}`}
      </Text>
      <Table.ScrollContainer minWidth={Math.min(900, 140 + 80 * labels.length)}>
        <Table className="numbers" aria-label={t`Labels that go together`} withColumnBorders>
          <Table.Thead>
            <Table.Tr>
              <Table.Td />
              {labels.map(({ value }) => (
                <Table.Th key={value} scope="col" ta="right">
                  {value}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {labels.map((row) => (
              <Table.Tr key={row.value}>
                <Table.Th scope="row">{row.value}</Table.Th>
                {labels.map((column) => {
                  const own = row.value === column.value;
                  const both = own ? row.n : (n.get(JSON.stringify([row.value, column.value])) ?? 0);
                  const list = own ? { label: row.value } : { label: row.value, and_label: column.value };
                  return (
                    <Table.Td
                      key={column.value}
                      ta="right"
                      style={{
                        background: `color-mix(in srgb, var(--tone-info-soft) ${Math.round(100 * share(row.n, both))}%, transparent)`,
                        fontWeight: own ? 650 : undefined,
                      }}
                    >
                      {both > 0 ? <TextLink to={to(list)}>{both.toLocaleString(region())}</TextLink> : "0"}
                    </Table.Td>
                  );
                })}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Section>
  );
}
