import { t } from "@lingui/core/macro";
import type { Estimate } from "@/api/types";
import { signed } from "@/lib/format";
import type { Row } from "./differences";

const WIDTH = 240;
const HEIGHT = 22;

/** The interval of a difference on a line with a mark at 0, all rows on one scale; the numbers stand beside it. */
export function DifferencePlot({ row, rows }: { row: Row; rows: readonly Row[] }) {
  const all = rows.flatMap(({ difference }) => [difference?.low ?? 0, difference?.high ?? 0, 0]);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const x = (value: number) => 6 + ((value - low) / Math.max(1e-9, high - low)) * (WIDTH - 12);
  const { difference } = row;
  return (
    <svg width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={inWords(difference)}>
      <line x1={x(0)} x2={x(0)} y1={0} y2={HEIGHT} stroke="currentColor" strokeOpacity={0.35} />
      {difference && (
        <g stroke="currentColor" fill="currentColor">
          <line
            x1={x(difference.low ?? 0)}
            x2={x(difference.high ?? 0)}
            y1={HEIGHT / 2}
            y2={HEIGHT / 2}
            strokeWidth={2}
          />
          <circle cx={x(difference.value ?? 0)} cy={HEIGHT / 2} r={4} stroke="none" />
        </g>
      )}
      {!difference && <circle cx={x(0)} cy={HEIGHT / 2} r={4} fill="currentColor" />}
    </svg>
  );
}

/** "−0.021 (−0.040 to −0.002)", or that it is the best. */
export function inWords(difference: Estimate | null): string {
  if (!difference || difference.value === null) return t`best score`;
  const { value, low, high } = difference;
  if (low === null || high === null) return signed(value, 3);
  const [estimate, from, to] = [signed(value, 3), signed(low, 3), signed(high, 3)];
  return t`${estimate} (${from} to ${to})`;
}
