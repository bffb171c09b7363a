import { Stack, Table, Text, Title } from "@mantine/core";
import type { SideBySide } from "@/api/types";
import { Facts } from "@/components/Facts";
import { count, digitsOfPercent, digitsOfShare, percent, score } from "@/lib/format";
import { withInterval } from "./estimate";

const NAMES = { auroc: "AUROC", f1: "F1" } as const;

/** AUROC of each label on each dataset, and how much it differs between those from outside. */
export function SideBySideTable({ found }: { found: SideBySide }) {
  const labels = [...new Set(found.cells.map(({ label }) => label))];
  const columns = found.evaluation_ids.flatMap((id) => {
    const first = found.cells.find((cell) => cell.evaluation_id === id);
    return first ? [first] : [];
  });
  // What is said over all datasets is known no more exactly than on the smallest of them.
  const least = Math.min(...found.cells.filter(({ external }) => external).map(({ n }) => n));
  const digits = digitsOfShare(least);
  return (
    <Stack gap="sm">
      <Title order={3} size="h5">
        Side by side
      </Title>
      <Table.ScrollContainer minWidth={180 + 190 * columns.length} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
        <Table className="numbers" aria-label="AUROC of each label on each dataset">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>AUROC (95 % CI)</Table.Th>
              {columns.map((cell) => (
                <Table.Th key={cell.evaluation_id} ta="right">
                  {cell.dataset}
                  <Text size="xs" c="dimmed">
                    {cell.external ? "external" : "source of the training"}, {count(cell.n, "recording")}
                    {(cell.n_not_known ?? 0) > 0 && ", not known whether seen"}
                  </Text>
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {labels.map((label) => (
              <Table.Tr key={label}>
                <Table.Th scope="row">{label}</Table.Th>
                {columns.map(({ evaluation_id }) => {
                  const cell = found.cells.find((one) => one.evaluation_id === evaluation_id && one.label === label);
                  return (
                    <Table.Td key={evaluation_id} ta="right">
                      {cell ? withInterval(cell.auroc, digitsOfShare(cell.n)) : "not known"}
                    </Table.Td>
                  );
                })}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Facts
        facts={found.spreads.map((one) => [
          `${NAMES[one.measure]} over external cells`,
          one.median === null
            ? "not defined"
            : `${count(one.n_cells, "label")} on ${count(one.n_datasets, "dataset")}: median ${score(one.median, digits)}, IQR ${score(one.iqr, digits)}, CV ${one.cv === null ? "–" : percent(one.cv, digitsOfPercent(least))}; worst ${score(one.worst, digits)} (${one.worst_label} on ${one.worst_dataset})${notKnown(one.n_not_known_datasets ?? 0)}`,
        ])}
      />
      {found.spreads.length > 0 && (
        <Text size="xs" c="dimmed" maw={760}>
          A cell is one label on one external dataset. IQR (interquartile range) and CV (standard deviation divided by
          the mean) say how much the model’s performance varies between datasets: small is robust.
        </Text>
      )}
    </Stack>
  );
}

function notKnown(n: number): string {
  return n > 0 ? `; of ${count(n, "dataset")} it is not known whether the model has seen it` : "";
}
