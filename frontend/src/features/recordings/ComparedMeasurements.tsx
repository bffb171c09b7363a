import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Table } from "@mantine/core";
import type { Measurements } from "@/api/types";
import { Chip } from "@/components/Chip";
import { signed } from "@/lib/format";

type Row = Measurements["compared"][number];

const TITLES: Record<string, string> = {
  heart_rate: t`Heart rate`,
  rr: "RR",
  p: "P",
  pr: t`PR`,
  qrs: "QRS",
  qt: "QT",
  qtc: t`QTc (ours by Bazett)`,
  p_axis: t`P axis`,
  qrs_axis: t`QRS axis`,
  t_axis: t`T axis`,
};

/** Our measurements beside the device's own, a difference beyond what two devices may differ by marked. */
export function ComparedMeasurements({ rows }: { rows: readonly Row[] }) {
  if (rows.every((row) => row.device === null)) return null;
  return (
    <Table.ScrollContainer minWidth={400} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table
        className="numbers"
        aria-label={t`Our measurements beside the device's`}
        verticalSpacing={4}
        fz="sm"
        w="auto"
      >
        <Table.Thead>
          <Table.Tr>
            <Table.Th>
              <Trans>Measurement</Trans>
            </Table.Th>
            <Table.Th>
              <Trans>Platform</Trans>
            </Table.Th>
            <Table.Th>
              <Trans>Device</Trans>
            </Table.Th>
            <Table.Th>
              <Trans>Difference</Trans>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={row.name}>
              <Table.Th scope="row">{TITLES[row.name] ?? row.name}</Table.Th>
              <Table.Td>{shown(row.ours, row.unit)}</Table.Td>
              <Table.Td>{shown(row.device, row.unit)}</Table.Td>
              <Table.Td>
                {row.differs ? (
                  <Chip tone="warn" icon="alert">
                    {change(row.difference, row.unit)}
                  </Chip>
                ) : (
                  change(row.difference, row.unit)
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function shown(value: number | null, unit: string): string {
  if (value === null) return "–";
  return `${signed(value, 0)}${unit === "1/min" ? "/min" : unit === "°" ? unit : ` ${unit}`}`;
}

function change(value: number | null, unit: string): string {
  if (value === null) return "–";
  return `${Math.round(value) > 0 ? "+" : ""}${shown(value, unit)}`;
}
