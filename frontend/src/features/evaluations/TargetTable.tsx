import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Group, Table } from "@mantine/core";
import type { RegressionEvaluation, TargetResult } from "@/api/types";
import { Help } from "@/components/Help";
import { Section } from "@/components/Page";
import { region } from "@/language/language";
import { decimals, signed } from "@/lib/format";
import { withInterval } from "./estimate";
import { MEASURES } from "./measures";

const IN_UNIT = ["mae", "rmse", "bias"] as const;
const SCALE_FREE = ["r2", "pearson"] as const;

/** How well each value is estimated. */
export function TargetTable({ evaluation }: { evaluation: RegressionEvaluation }) {
  return (
    <Section title={t`Results for each value`}>
      <Table.ScrollContainer minWidth={980} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
        <Table className="numbers" aria-label={t`Results for each value`}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>
                <Trans>Value</Trans>
              </Table.Th>
              <Table.Th ta="right">
                <Trans>Recordings</Trans>
              </Table.Th>
              <Table.Th ta="right">
                <Trans>Measured: mean ± SD</Trans>
              </Table.Th>
              {[...IN_UNIT, ...SCALE_FREE].map((name) => (
                <Table.Th key={name} ta="right">
                  <Group gap={2} justify="flex-end" wrap="nowrap">
                    {MEASURES[name].title}
                    <Help about={inThisTable(MEASURES[name].title)}>{MEASURES[name].help}</Help>
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

function inThisTable(measure: string): string {
  return t`${measure} in this table`;
}

function Row({ target }: { target: TargetResult }) {
  const digits = decimals(target.sd);
  const { mean, sd } = target;
  return (
    <Table.Tr>
      <Table.Td className="name">{target.label}</Table.Td>
      <Table.Td ta="right">{target.support.toLocaleString(region())}</Table.Td>
      <Table.Td ta="right">
        {mean === null || sd === null ? "–" : `${signed(mean, digits)} ± ${signed(sd, digits)}`}
      </Table.Td>
      {IN_UNIT.map((name) => (
        <Table.Td key={name} ta="right" style={{ whiteSpace: "nowrap" }}>
          {withInterval(target[name], digits)}
        </Table.Td>
      ))}
      {SCALE_FREE.map((name) => (
        <Table.Td key={name} ta="right" style={{ whiteSpace: "nowrap" }}>
          {withInterval(target[name], 2)}
        </Table.Td>
      ))}
    </Table.Tr>
  );
}
