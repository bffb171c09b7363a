import { type PointerEvent, useRef } from "react";
import type { Region } from "@/api/types";
import { boxesOf, type PaperInSight } from "@/lib/ecg/overlay";
import classes from "./annotations.module.css";
import { regionBetween, regionText } from "./regions";

type Props = {
  paper: PaperInSight;
  regions: readonly Region[];
  /** The region that is being marked; null: none is. */
  draft: Region | null;
  onDraft: (region: Region) => void;
};

/** The regions over the tracing. While one is marked, it is drawn with a pointer from where it begins to where it ends. */
export function RegionLayer({ paper, regions, draft, onDraft }: Props) {
  const begun = useRef<{ x: number; y: number } | null>(null);
  const at = (event: PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  return (
    <div
      className={classes.regions}
      data-marking={draft !== null}
      onPointerDown={(event) => {
        if (draft === null || event.button !== 0) return;
        begun.current = at(event);
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => {
        if (draft === null || begun.current === null) return;
        const region = regionBetween(paper, begun.current, at(event), draft.label);
        if (region) onDraft(region);
      }}
      onPointerUp={() => {
        begun.current = null;
      }}
      onPointerCancel={() => {
        begun.current = null;
      }}
    >
      {[...regions, ...(draft ? [draft] : [])].map((region) =>
        boxesOf(paper, region).map(({ x, y, width, height }) => (
          <div
            key={`${regionText(region)} ${x} ${y}`}
            className={classes.region}
            data-draft={region === draft}
            style={{ left: x, top: y, width, height }}
          >
            <span>{region.label}</span>
          </div>
        )),
      )}
    </div>
  );
}
