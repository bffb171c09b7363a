import { useQuery } from "@tanstack/react-query";
import { readRecordingQuery } from "@/api/annotations";
import type { Reading, ReadingIn, ReadRecording } from "@/api/types";
import { slotOf } from "./outbox";
import { newId, outbox, useSaving } from "./saving";

/** What a person says of a recording. */
export type Content = Pick<Required<ReadingIn>, "labels" | "done" | "note" | "regions">;

export const NOTHING: Content = { labels: [], done: false, note: "", regions: [] };

type Where = { projectId: string; labelSetId: string; reader: string; recordingId: string; role?: ReadingIn["role"] };

export type InHand = {
  /** As the platform has it; undefined while it is asked for. */
  seen: ReadRecording | undefined;
  error: unknown;
  content: Content;
  say: (change: Partial<Content>) => void;
};

/** What one reader says of one recording: what is on its way goes before what the platform knows. */
export function useReading({ projectId, labelSetId, reader, recordingId, role = "reader" }: Where): InHand {
  const query = useQuery({
    ...readRecordingQuery(projectId, labelSetId, reader, recordingId),
    enabled: recordingId !== "",
  });
  useSaving();
  const slot = slotOf({ labelSetId, reader, body: { recording_id: recordingId, role } });
  const kept = (role === "reader" ? query.data?.mine : query.data?.adjudication) ?? null;
  const said = outbox.last(slot);
  const last = said ? { id: said.id, ...contentOf(said.body) } : kept && { id: kept.id, ...contentOf(kept) };
  const say = (change: Partial<Content>) => {
    const before = outbox.last(slot) ?? kept;
    const now = outbox.last(slot)?.body ?? kept;
    outbox.add({
      id: newId(),
      projectId,
      labelSetId,
      reader,
      body: {
        recording_id: recordingId,
        role,
        ...(now ? contentOf(now) : NOTHING),
        ...change,
        replaces: before?.id ?? null,
        made_at: new Date().toISOString(),
      },
    });
  };
  return { seen: query.data, error: query.error, content: last ? contentOf(last) : NOTHING, say };
}

function contentOf({ labels, done, note, regions }: Partial<Reading> | ReadingIn): Content {
  return { labels: labels ?? [], done: done ?? true, note: note ?? "", regions: regions ?? [] };
}
