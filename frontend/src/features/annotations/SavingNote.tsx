import { Button, Group, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { readRecordingQuery } from "@/api/annotations";
import { Chip } from "@/components/Chip";
import { Note } from "@/components/Note";
import { count } from "@/lib/format";
import type { Refused } from "./outbox";
import { newId, outbox, useSaving } from "./saving";

/** Whether all that was said is kept by the platform; what is not, and what was refused, until a person decides. */
export function SavingNote() {
  const { waiting, failing, stored, refused } = useSaving();
  return (
    <Stack gap="xs">
      <Group gap="xs" role="status" aria-label="Saving">
        {waiting === 0 ? (
          <Chip tone="good" icon="check">
            All saved
          </Chip>
        ) : (
          <Chip tone={failing ? "warn" : "calm"} icon={failing ? "alert" : "clock"}>
            {failing ? `${count(waiting, "reading")} not saved yet` : "Saving"}
          </Chip>
        )}
      </Group>
      {failing && waiting > 0 && (
        <Note tone="warn" title={`${count(waiting, "reading")} not saved yet`} alert>
          The platform does not answer.{" "}
          {stored
            ? "What you said is kept in this browser, also if you close it, and is sent again by itself."
            : "This browser cannot keep it over a reload: leave this page open until all is saved."}
        </Note>
      )}
      {refused.map((one) => (
        <NotTaken key={one.id} refused={one} />
      ))}
    </Stack>
  );
}

function NotTaken({ refused }: { refused: Refused }) {
  const { id, projectId, labelSetId, reader, body, message, conflict } = refused;
  const queries = useQueryClient();
  const seen = readRecordingQuery(projectId, labelSetId, reader, body.recording_id);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what the platform has is asked for once, when it was refused
  useEffect(() => {
    void queries.invalidateQueries({ queryKey: seen.queryKey });
  }, [id]);
  const again = async () => {
    const now = await queries.fetchQuery({ ...seen, staleTime: 0 });
    const there = body.role === "adjudicator" ? now.adjudication : now.mine;
    outbox.sayAgain(id, newId(), there?.id ?? null);
  };
  const mine = (body.labels ?? []).join(", ") || (body.done ? "none of the labels" : "taken back");
  return (
    <Note
      tone="bad"
      title="A reading was not taken"
      alert
      action={
        <Group gap="xs">
          <Button size="xs" onClick={() => void again()}>
            {conflict ? "Keep mine" : "Try again"}
          </Button>
          <Button size="xs" variant="default" onClick={() => outbox.discard(id)}>
            {conflict ? "Keep the other" : "Discard mine"}
          </Button>
        </Group>
      }
    >
      {message} <Text span>Yours: {mine}.</Text>
    </Note>
  );
}
