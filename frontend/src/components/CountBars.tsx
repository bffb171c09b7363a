import { Trans } from "@lingui/react/macro";
import { Button, Stack, Table } from "@mantine/core";
import { useState } from "react";
import { region } from "@/language/language";
import { percent } from "@/lib/format";
import { TextLink } from "./ButtonLink";

export type CountRow = { key: string; text: string; n: number; to?: string | undefined };

const SHOWN = 20;

/** Values with how many recordings have them: a bar, the number, its share of `total`, and a way to those recordings. */
export function CountBars({ name, rows, total }: { name: string; rows: readonly CountRow[]; total: number }) {
  const [all, setAll] = useState(false);
  const most = Math.max(1, ...rows.map((row) => row.n));
  const number = rows.length;
  const shown = all ? rows : rows.slice(0, SHOWN);
  return (
    <Stack gap="xs">
      <Table className="numbers" aria-label={name} verticalSpacing={4}>
        <Table.Tbody>
          {shown.map((row) => (
            <Table.Tr key={row.key}>
              <Table.Td className="name" w="40%">
                {row.to && row.n > 0 ? <TextLink to={row.to}>{row.text}</TextLink> : row.text}
              </Table.Td>
              <Table.Td aria-hidden="true">
                <div className="bar" style={{ width: `${(100 * row.n) / most}%` }} />
              </Table.Td>
              <Table.Td ta="right" w={70}>
                {row.n.toLocaleString(region())}
              </Table.Td>
              <Table.Td ta="right" w={72} c="dimmed" style={{ whiteSpace: "nowrap" }}>
                {total ? percent(row.n / total) : ""}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {rows.length > SHOWN && !all && (
        <div>
          <Button variant="subtle" size="compact-sm" onClick={() => setAll(true)}>
            <Trans>Show all {number}</Trans>
          </Button>
        </div>
      )}
    </Stack>
  );
}
