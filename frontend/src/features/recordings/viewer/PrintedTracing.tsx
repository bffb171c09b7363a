import { t } from "@lingui/core/macro";
import { useEffect, useState } from "react";
import { createPortal, flushSync } from "react-dom";
import { drawingPath } from "@/api/recordings";
import type { LayoutName } from "@/lib/ecg/layout";
import { drawnAs, type View } from "./view";
import "./print.css";

const PAPERS = ["a4", "letter"] as const;
const ORIENTATIONS = ["landscape", "portrait"] as const;

type Props = {
  projectId: string;
  recordingId: string;
  view: View;
  layout: LayoutName;
  start: number; // s
};

type Sheet = { name: string; svg: string };

/**
 * The drawing of the platform in true millimetres, there only while the page is printed.
 *
 * Paper and orientation are known to the style sheet alone, so there is a sheet for each. They are fetched while the
 * browser waits: it lays out what stands here when `beforeprint` ends.
 */
export function PrintedTracing(props: Props) {
  const [sheets, setSheets] = useState<readonly Sheet[]>([]);
  const { projectId, recordingId, view, layout, start } = props;
  useEffect(() => {
    const begin = () => {
      const drawn = sheetsOf({ projectId, recordingId, view, layout, start });
      flushSync(() => setSheets(drawn));
    };
    const end = () => setSheets([]);
    addEventListener("beforeprint", begin);
    addEventListener("afterprint", end);
    return () => {
      removeEventListener("beforeprint", begin);
      removeEventListener("afterprint", end);
    };
  }, [projectId, recordingId, view, layout, start]);
  if (sheets.length === 0) return null;
  return createPortal(
    <div className="ecg-print">
      <style>{"@page { margin: 0 }" /* the drawing has its own, and headers of the browser have no room */}</style>
      {sheets.map(({ name, svg }) => (
        <section
          key={name}
          className={`ecg-print-sheet ${name}`}
          aria-label={t`ECG on paper`}
          // biome-ignore lint/security/noDangerouslySetInnerHtml: the platform's own drawing, its texts escaped
          dangerouslySetInnerHTML={{ __html: svg }}
        />
      ))}
    </div>,
    document.body,
  );
}

function sheetsOf({ projectId, recordingId, view, layout, start }: Props): Sheet[] {
  return PAPERS.flatMap((paper) =>
    ORIENTATIONS.flatMap((orientation) => {
      const drawing = { format: "svg", ...drawnAs(view), layout, paper, orientation, start } as const;
      const path = drawingPath(projectId, recordingId, drawing);
      const svg = fetchNow(path);
      return svg === null ? [] : [{ name: `${paper} ${orientation}`, svg }];
    }),
  );
}

/** Fetch while everything waits; null where the platform does not answer: then the screen is printed, and says so. */
function fetchNow(path: string): string | null {
  const request = new XMLHttpRequest();
  try {
    request.open("GET", path, false);
    request.send();
  } catch {
    return null;
  }
  return request.status === 200 ? request.responseText : null;
}
