import { Trans } from "@lingui/react/macro";
import { boxesOf, type PaperInSight } from "@/lib/ecg/overlay";
import classes from "./explanations.module.css";
import { type Painted, paintOf, SIDES } from "./strength";

/** The map over a tracing. What it shows is written beside it and in the table; here is nothing to be read out. */
export function MapLayer({ paper, stretches }: { paper: PaperInSight; stretches: readonly Painted[] }) {
  return (
    <div className={classes.layer} aria-hidden="true" data-testid="map-layer">
      {stretches.flatMap((stretch) => {
        const paint = paintOf(stretch.share);
        if (!paint) return [];
        return boxesOf(paper, stretch).map(({ x, y, width, height }) => (
          <div
            key={`${stretch.leads[0]} ${stretch.from_ms} ${x} ${y}`}
            className={`${classes.patch} ${paint.side === "against" ? classes.against : ""}`}
            style={{
              left: x,
              top: y,
              width,
              height,
              backgroundColor: `rgb(${SIDES[paint.side]}, ${paint.side === "against" ? paint.alpha / 2 : paint.alpha})`,
            }}
          />
        ));
      })}
    </div>
  );
}

export function ColourKey() {
  return (
    <Trans>
      <span className={classes.key} style={{ backgroundColor: `rgb(${SIDES.for}, 0.5)` }} aria-hidden="true" /> speaks
      for the label ·{" "}
      <span
        className={`${classes.key} ${classes.against}`}
        style={{ backgroundColor: `rgb(${SIDES.against}, 0.25)` }}
        aria-hidden="true"
      />{" "}
      speaks against it (hatched) · the stronger, the darker
    </Trans>
  );
}
