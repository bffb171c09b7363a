/** How an ECG is shown while it is read: by the app, where labelling meets the viewer of recordings. */

import type { ReactNode } from "react";
import type { PaperInSight } from "@/lib/ecg/overlay";

/** What draws an ECG is told: the recording, whether its name is hidden, and what lies over it. */
export type ToRead = {
  projectId: string;
  recordingId: string;
  hideName: boolean;
  onPrevious: (() => void) | null;
  onNext: (() => void) | null;
  overlay: (paper: PaperInSight) => ReactNode;
};
/** Draws the ECG; it is given by the app, where this feature meets that of recordings. */
export type ShowEcg = (what: ToRead) => ReactNode;
