import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Table } from "@mantine/core";
import type { ExplanationMap, ExplanationResult } from "@/api/types";
import { percent, valueText } from "@/lib/format";
import classes from "./explanations.module.css";
import { mostOf, paintOf, SIDES, shareOf, signed, WAVES } from "./strength";

/** A map as numbers: by lead and wave what is lost without it, in log-odds, and what the model says then. */
export function MapTable({ result, map }: { result: ExplanationResult; map: ExplanationMap }) {
  const columns = map.cells === null ? [t`Whole lead`] : result.waves.map((wave) => WAVES[wave] ?? wave);
  const rows = map.cells ?? map.totals.map((value) => [value]);
  const outputs = map.cells === null ? map.outputs?.map((value) => [value]) : map.cell_outputs;
  const most = mostOf(rows);
  const mostTotal = mostOf([map.totals]);
  const said = (value: number | null | undefined) =>
    value === null || value === undefined ? "" : result.regression ? valueText(value) : percent(value, 0);
  return (
    <Table.ScrollContainer minWidth={map.cells === null ? 260 : 560}>
      <Table className="numbers" verticalSpacing={3} aria-label={t`Effects by lead and wave`} withRowBorders={false}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>
              <Trans>Lead</Trans>
            </Table.Th>
            {columns.map((column) => (
              <Table.Th key={column} ta="right">
                {column}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {result.leads.map((lead, row) => (
            <Table.Tr key={lead}>
              <Table.Th scope="row">{lead}</Table.Th>
              {columns.map((column, at) => (
                <Table.Td key={column}>
                  <Value
                    value={rows[row]?.[at]}
                    most={most}
                    without={said(outputs?.[row]?.[at])}
                    strongest={map.lead === lead && (map.cells === null || map.wave === result.waves[at])}
                  />
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
          {map.cells !== null && (
            <Table.Tr>
              <Table.Th scope="row">
                <Trans>All leads</Trans>
              </Table.Th>
              {columns.map((column, at) => (
                <Table.Td key={column}>
                  <Value
                    value={map.totals[at]}
                    most={mostTotal}
                    without={said(map.outputs?.[at])}
                    strongest={map.lead === null && map.wave === result.waves[at]}
                  />
                </Table.Td>
              ))}
            </Table.Tr>
          )}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

type Shown = { value: number | null | undefined; most: number; without: string; strongest: boolean };

function Value({ value, most, without, strongest }: Shown) {
  const paint = paintOf(shareOf(value, most));
  return (
    <span
      className={`${classes.cell} ${strongest ? classes.strongest : ""}`}
      style={paint ? { backgroundColor: `rgb(${SIDES[paint.side]}, ${paint.alpha * 0.6})` } : undefined}
      title={without && t`Replaced: ${without}`}
    >
      {signed(value)}
      {without && <small style={{ opacity: 0.85 }}> → {without}</small>}
    </span>
  );
}
