import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Stack, Table, Text, Title } from "@mantine/core";
import type { StressCurve, StressPoint } from "@/api/types";
import { decimal, fixed, score } from "@/lib/format";

const WIDTH = 300;
const HEIGHT = 150;
const LEFT = 40;
const BELOW = 26;

function fromTo({ low, high }: StressPoint["score"]): string {
  const [from, to] = [score(low), score(high)];
  return t`${from} to ${to}`;
}

type Props = { curve: StressCurve; unchanged: StressPoint; name: string; low: number };

/** One curve: the score on the ECGs as they are, then at each step, with intervals; what it says, and its numbers. */
export function StressCurveChart({ curve, unchanged, name, low }: Props) {
  const points = [unchanged, ...curve.points];
  const x = (place: number) => LEFT + 12 + (place * (WIDTH - LEFT - 36)) / (points.length - 1);
  const y = (value: number) => 6 + ((1 - value) / (1 - low)) * (HEIGHT - BELOW - 12);
  const known = points.flatMap((point, place) => (point.score.value === null ? [] : [{ point, place }]));
  const { title } = curve;
  const path = known.map(({ point, place }) => `${x(place)},${y(point.score.value ?? 0)}`).join(" ");
  return (
    <Stack gap={6} component="section" aria-label={curve.title}>
      <Title order={3} size="h5">
        {curve.title}
      </Title>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={curve.text} style={{ maxWidth: 420 }}>
        {[low, (1 + low) / 2, 1].map((value) => (
          <g key={value}>
            <line x1={LEFT} x2={WIDTH} y1={y(value)} y2={y(value)} stroke="currentColor" strokeOpacity={0.2} />
            <text x={LEFT - 6} y={y(value) + 4} textAnchor="end" fontSize={11} fill="currentColor">
              {fixed(value, 2)}
            </text>
          </g>
        ))}
        {points.map((point, place) => (
          <text key={point.told} x={x(place)} y={HEIGHT - 8} textAnchor="middle" fontSize={11} fill="currentColor">
            {place === 0 ? t`as is` : curve.kind === "swap" ? `${100 * point.step} %` : decimal(String(point.step))}
          </text>
        ))}
        <polyline points={path} fill="none" stroke="var(--mantine-color-clinic-filled)" strokeWidth={2} />
        {known.map(({ point, place }) => (
          <g key={point.told} stroke="currentColor" fill="currentColor">
            {point.score.low !== null && point.score.high !== null && (
              <line x1={x(place)} x2={x(place)} y1={y(Math.max(low, point.score.low))} y2={y(point.score.high)} />
            )}
            <circle cx={x(place)} cy={y(Math.max(low, point.score.value ?? 0))} r={3.5} stroke="none" />
          </g>
        ))}
      </svg>
      <Text size="sm">{curve.text}</Text>
      <details>
        <summary>
          <Trans>Numbers of {title}</Trans>
        </summary>
        <Table.ScrollContainer minWidth={320} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
          <Table className="numbers" aria-label={t`${title} by step`}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{curve.unit}</Table.Th>
                <Table.Th ta="right">{name}</Table.Th>
                <Table.Th ta="right">
                  <Trans>95 % interval</Trans>
                </Table.Th>
                {unchanged.f1 && <Table.Th ta="right">F1</Table.Th>}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {points.map((point) => (
                <Table.Tr key={point.told}>
                  <Table.Td>{point.told}</Table.Td>
                  <Table.Td ta="right">{score(point.score.value)}</Table.Td>
                  <Table.Td ta="right">
                    {point.score.low === null ? (point.score.withheld ?? "–") : fromTo(point.score)}
                  </Table.Td>
                  {point.f1 && <Table.Td ta="right">{score(point.f1.value)}</Table.Td>}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      </details>
    </Stack>
  );
}
