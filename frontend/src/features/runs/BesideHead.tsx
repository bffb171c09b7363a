import { Table, Text } from "@mantine/core";
import type { RunBeside } from "@/api/types";
import { letterAt } from "./sideBySide";

/** The head of a table with a column a training. */
export function BesideHead({ runs, first }: { runs: readonly RunBeside[]; first: string }) {
  return (
    <Table.Thead>
      <Table.Tr>
        <Table.Th w={200}>{first}</Table.Th>
        {runs.map(({ id, name }, place) => (
          <Table.Th key={id} style={{ verticalAlign: "top" }}>
            {letterAt(place)}
            <Text size="xs" c="dimmed" lineClamp={2} style={{ overflowWrap: "anywhere" }}>
              {name}
            </Text>
          </Table.Th>
        ))}
      </Table.Tr>
    </Table.Thead>
  );
}
