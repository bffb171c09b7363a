import type { ExplainedBeat, ExplanationMap } from "@/api/types";
import classes from "./explanations.module.css";
import { mostOf, paintOf, SIDES, shareOf } from "./strength";

const HEIGHT = 90;

type Props = { beat: ExplainedBeat; map: ExplanationMap; leads: readonly string[]; waves: readonly string[] };

/** The average beat of each lead with the map under it. */
export function BeatMap({ beat, map, leads, waves }: Props) {
  const rows = leads.map((_, lead) => valuesOf(map, beat, waves, lead));
  const most = mostOf(rows);
  const flat = beat.signal.flat().map((value) => value ?? 0);
  const low = Math.min(...flat);
  const scale = (HEIGHT - 12) / Math.max(0.5, Math.max(...flat) - low);
  const yOf = (value: number | null) => HEIGHT - 6 - ((value ?? 0) - low) * scale;
  return (
    <div className={classes.beats}>
      {leads.map((lead, row) => {
        const signal = beat.signal[row] ?? [];
        return (
          <figure key={lead} className={classes.beat}>
            <figcaption>{lead}</figcaption>
            <svg viewBox={`0 0 ${signal.length} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
              <defs>
                <pattern
                  id={`hatch-${lead}`}
                  width="6"
                  height="6"
                  patternTransform="rotate(45)"
                  patternUnits="userSpaceOnUse"
                >
                  <line x1="0" y1="0" x2="0" y2="6" stroke={`rgb(${SIDES.against})`} strokeWidth="1.2" />
                </pattern>
              </defs>
              {stretchesOf(rows[row] ?? [], most).map(({ from, to, side, alpha }) => (
                <g key={from}>
                  <rect
                    x={from}
                    width={to - from}
                    y="0"
                    height={HEIGHT}
                    fill={`rgb(${SIDES[side]})`}
                    fillOpacity={alpha}
                  />
                  {side === "against" && (
                    <rect
                      x={from}
                      width={to - from}
                      y="0"
                      height={HEIGHT}
                      fill={`url(#hatch-${lead})`}
                      fillOpacity="0.5"
                    />
                  )}
                </g>
              ))}
              <polyline
                points={signal.map((value, at) => `${at},${yOf(value).toFixed(1)}`).join(" ")}
                fill="none"
                stroke="#12181f"
                strokeWidth="1.4"
                vectorEffect="non-scaling-stroke"
              />
            </svg>
          </figure>
        );
      })}
    </div>
  );
}

/** The value of the map at each sample of the beat of a lead: by sample where it is known so, else that of its wave. */
function valuesOf(map: ExplanationMap, beat: ExplainedBeat, waves: readonly string[], lead: number): (number | null)[] {
  const own = map.on_beat?.[lead];
  if (own) return own;
  if (map.cells === null) return beat.waves.map(() => map.totals[lead] ?? null);
  return beat.waves.map((wave) => map.cells?.[lead]?.[waves.indexOf(wave)] ?? null);
}

/** Neighbouring samples of the same paint together, in steps of strength that the eye can tell. */
export function stretchesOf(values: readonly (number | null)[], most: number) {
  const found: { from: number; to: number; side: "for" | "against"; alpha: number }[] = [];
  values.forEach((value, at) => {
    const paint = paintOf(Math.round(12 * shareOf(value, most)) / 12);
    const last = found.at(-1);
    if (!paint) return;
    if (last && last.to === at && last.side === paint.side && last.alpha === paint.alpha) last.to = at + 1;
    else found.push({ from: at, to: at + 1, ...paint });
  });
  return found;
}
