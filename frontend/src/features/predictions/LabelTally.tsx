import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Paper, Table } from "@mantine/core";
import { Section } from "@/components/Page";
import { region } from "@/language/language";
import { percent } from "@/lib/format";

/** How often each label was predicted. */
export function LabelTally({ counts, total }: { counts: Record<string, number>; total: number }) {
  const rows = Object.entries(counts).sort(([, a], [, b]) => b - a);
  if (rows.length === 0) return null;
  return (
    <Paper withBorder p="md">
      <Section title={t`Predicted labels`}>
        <Table className="numbers" aria-label={t`Predicted labels`} maw={520}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>
                <Trans>Label</Trans>
              </Table.Th>
              <Table.Th ta="right">
                <Trans>Recordings</Trans>
              </Table.Th>
              <Table.Th ta="right">
                <Trans>Share</Trans>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map(([label, n]) => (
              <Table.Tr key={label}>
                <Table.Td className="name">{label}</Table.Td>
                <Table.Td ta="right">{n.toLocaleString(region())}</Table.Td>
                <Table.Td ta="right">{total > 0 ? percent(n / total, 1) : ""}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Section>
    </Paper>
  );
}
