import type { ReactNode } from "react";
import type { Painted } from "./strength";

export type ToShow = { projectId: string; recordingId: string; stretches: readonly Painted[] };

/** Draws the ECG with the map over it; given by the app, where this feature meets that of recordings. */
export type ShowMap = (what: ToShow) => ReactNode;
