import { t } from "@lingui/core/macro";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { readRecordingQuery } from "@/api/annotations";
import { recordingQuery, signalQuery } from "@/api/recordings";
import type { LabelSet } from "@/api/types";
import type { RecordingList } from "@/lib/recordingList";
import { slotOf } from "./outbox";
import { newId, outbox } from "./saving";
import { useLine } from "./useLine";
import { type Content, type InHand, useReading } from "./useReading";

type Step = { recordingId: string; before: Content };

export type Labelling = {
  recordingId: string | null;
  hand: InHand;
  /** The ECG is here, and what was said of it: it can be labelled. */
  ready: boolean;
  ended: boolean;
  error: unknown;
  hasPrevious: boolean;
  canUndo: boolean;
  /** What was done last, in words for who does not see it. */
  told: string;
  label: (name: string) => void;
  finish: () => void;
  change: (change: Partial<Content>) => void;
  undo: () => void;
  next: () => void;
  previous: () => void;
};

/** One reader going through ECGs: what a label does, what comes next, and the way back. */
export function useLabelling(
  projectId: string,
  set: LabelSet,
  reader: string,
  predictionId: string | null,
  first: string | null,
  list: RecordingList | null,
): Labelling {
  const queries = useQueryClient();
  const line = useLine({ projectId, labelSetId: set.id, reader, predictionId, list }, first);
  const recordingId = line.current;
  const hand = useReading({ projectId, labelSetId: set.id, reader, recordingId: recordingId ?? "" });
  const signal = useQuery({ ...signalQuery(projectId, recordingId ?? ""), enabled: recordingId !== null });
  const steps = useRef<Step[]>([]);
  const [nSteps, setSteps] = useState(0);
  const [told, setTold] = useState("");
  const ready = recordingId !== null && hand.seen !== undefined && signal.data !== undefined;

  // The next ones are here before they are asked for.
  const coming = line.coming.join(" ");
  useEffect(() => {
    for (const id of coming.split(" ").filter(Boolean)) {
      void queries.prefetchQuery(recordingQuery(projectId, id));
      void queries.prefetchQuery(signalQuery(projectId, id));
      void queries.prefetchQuery(readRecordingQuery(projectId, set.id, reader, id));
    }
  }, [coming, queries, projectId, set.id, reader]);

  const change = (wanted: Partial<Content>, words: string) => {
    if (!ready) return;
    steps.current.push({ recordingId, before: hand.content });
    setSteps(steps.current.length);
    hand.say(wanted);
    setTold(words);
  };
  const label = (name: string) => {
    if (!ready) return;
    if (set.task === "single_label") {
      const same = hand.content.done && hand.content.labels[0] === name;
      if (!same) change({ labels: [name], done: true }, t`${name}. Next ECG.`);
      line.next();
      return;
    }
    const has = hand.content.labels.includes(name);
    const labels = has ? hand.content.labels.filter((one) => one !== name) : [...hand.content.labels, name];
    change({ labels }, has ? t`Not ${name}.` : `${name}.`);
  };
  const finish = () => {
    if (!ready) return;
    if (set.task === "multi_label" && !hand.content.done) {
      change({ done: true }, t`${{ name: hand.content.labels.join(", ") || t`None of the labels` }}. Next ECG.`);
    } else if (!hand.content.done) return; // of one label, the label itself finishes
    line.next();
  };
  const undo = () => {
    const step = steps.current.pop();
    setSteps(steps.current.length);
    if (!step) return;
    const body = { recording_id: step.recordingId, role: "reader" as const, ...step.before };
    const last = outbox.last(slotOf({ labelSetId: set.id, reader, body }));
    if (last) {
      const made = { replaces: last.id, made_at: new Date().toISOString() };
      outbox.add({ id: newId(), projectId, labelSetId: set.id, reader, body: { ...body, ...made } });
    }
    line.open(step.recordingId);
    setTold(t`Undone.`);
  };
  return {
    recordingId,
    hand,
    ready,
    ended: line.ended,
    error: line.error ?? hand.error ?? signal.error,
    hasPrevious: line.hasPrevious,
    canUndo: nSteps > 0,
    told,
    label,
    finish,
    change: (wanted) => change(wanted, ""),
    undo,
    next: line.next,
    previous: line.previous,
  };
}
