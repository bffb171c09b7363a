import { Group, Table } from "@mantine/core";
import { Help } from "@/components/Help";
import { Section } from "@/components/Page";
import { decimals, type Regression, signed, type TargetResult, writtenTo } from "@/lib/regression";
import { MEASURES } from "./measures";

const IN_UNIT = ["mae", "rmse", "bias"] as const;
const SCALE_FREE = ["r2", "pearson"] as const;

/** How well each value is estimated. */
export function TargetTable({ evaluation }: { evaluation: Regression }) {
  return (
    <Section title="Value by value">
      <Table.ScrollContainer minWidth={980} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
        <Table className="numbers" aria-label="Results value by value">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Value</Table.Th>
              <Table.Th ta="right">Recordings</Table.Th>
              <Table.Th ta="right">Measured: mean ± SD</Table.Th>
              {[...IN_UNIT, ...SCALE_FREE].map((name) => (
                <Table.Th key={name} ta="right">
                  <Group gap={2} justify="flex-end" wrap="nowrap">
                    {MEASURES[name].title}
                    <Help about={`${MEASURES[name].title} in this table`}>{MEASURES[name].help}</Help>
                  </Group>
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {evaluation.targets.map((target) => (
              <Row key={target.label} target={target} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Section>
  );
}

function Row({ target }: { target: TargetResult }) {
  const digits = decimals(target.sd);
  const { mean, sd } = target;
  return (
    <Table.Tr>
      <Table.Td style={{ overflowWrap: "anywhere", minWidth: 110 }}>{target.label}</Table.Td>
      <Table.Td ta="right">{target.support.toLocaleString("en")}</Table.Td>
      <Table.Td ta="right">
        {mean === null || sd === null ? "–" : `${signed(mean, digits)} ± ${signed(sd, digits)}`}
      </Table.Td>
      {IN_UNIT.map((name) => (
        <Table.Td key={name} ta="right" style={{ whiteSpace: "nowrap" }}>
          {writtenTo(target[name], digits)}
        </Table.Td>
      ))}
      {SCALE_FREE.map((name) => (
        <Table.Td key={name} ta="right" style={{ whiteSpace: "nowrap" }}>
          {writtenTo(target[name])}
        </Table.Td>
      ))}
    </Table.Tr>
  );
}
