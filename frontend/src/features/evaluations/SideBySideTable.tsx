import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Stack, Table, Text, Title } from "@mantine/core";
import type { SideBySide } from "@/api/types";
import { Facts } from "@/components/Facts";
import { digitsOfPercent, digitsOfShare, percent, score } from "@/lib/format";
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
        <Trans>Side by side</Trans>
      </Title>
      <Table.ScrollContainer minWidth={180 + 190 * columns.length} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
        <Table className="numbers" aria-label={t`AUROC of each label on each dataset`}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>
                <Trans>AUROC (95 % CI)</Trans>
              </Table.Th>
              {columns.map((cell) => (
                <Table.Th key={cell.evaluation_id} ta="right">
                  {cell.dataset}
                  <Text size="xs" c="dimmed">
                    {cell.external ? t`external` : t`source of the training`},{" "}
                    {plural(cell.n, { one: "# recording", other: "# recordings" })}
                    {(cell.n_not_known ?? 0) > 0 && `, ${t`not known whether seen`}`}
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
                      {cell ? withInterval(cell.auroc, digitsOfShare(cell.n)) : t`not known`}
                    </Table.Td>
                  );
                })}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Facts
        facts={found.spreads.map((one) => [overCells(one.measure), spreadText(one, digits, digitsOfPercent(least))])}
      />
      {found.spreads.length > 0 && (
        <Text size="xs" c="dimmed" maw={760}>
          <Trans>
            A cell is one label on one external dataset. IQR (interquartile range) and CV (standard deviation divided by
            the mean) say how much the model’s performance varies between datasets: small is robust.
          </Trans>
        </Text>
      )}
    </Stack>
  );
}

function overCells(name: keyof typeof NAMES): string {
  const measure = NAMES[name];
  return t`${measure} over external cells`;
}

function spreadText(one: SideBySide["spreads"][number], digits: number, ofPercent: number): string {
  if (one.median === null) return t`not defined`;
  const [median, iqr, worst] = [score(one.median, digits), score(one.iqr, digits), score(one.worst, digits)];
  const cv = one.cv === null ? "–" : percent(one.cv, ofPercent);
  const { n_cells: nCells, n_datasets: nDatasets, worst_label, worst_dataset } = one;
  const [label, dataset] = [worst_label ?? "–", worst_dataset ?? "–"];
  const text = t`${plural(nCells, { one: "# label", other: "# labels" })} on ${plural(nDatasets, { one: "# dataset", other: "# datasets" })}: median ${median}, IQR ${iqr}, CV ${cv}; worst ${worst} (${label} on ${dataset})`;
  const n = one.n_not_known_datasets ?? 0;
  if (n === 0) return text;
  return `${text}; ${t`of ${plural(n, { one: "# dataset", other: "# datasets" })} it is not known whether the model has seen it`}`;
}
