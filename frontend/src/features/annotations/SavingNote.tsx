import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { readRecordingQuery } from "@/api/annotations";
import { Chip } from "@/components/Chip";
import { Note } from "@/components/Note";
import type { Refused } from "./outbox";
import { newId, outbox, useSaving } from "./saving";

/** Whether all that was said is kept by the platform; what is not, and what was refused, until a person decides. */
export function SavingNote() {
  const { waiting, failing, stored, refused } = useSaving();
  const notSaved = plural(waiting, { one: "# reading not saved yet", other: "# readings not saved yet" });
  return (
    <Stack gap="xs">
      <Group gap="xs" role="status" aria-label={t`Saving`}>
        {waiting === 0 ? (
          <Chip tone="good" icon="check">
            <Trans>All saved</Trans>
          </Chip>
        ) : (
          <Chip tone={failing ? "warn" : "calm"} icon={failing ? "alert" : "clock"}>
            {failing ? notSaved : t`Saving`}
          </Chip>
        )}
      </Group>
      {failing && waiting > 0 && (
        <Note tone="warn" title={notSaved} alert>
          {stored
            ? t`The platform does not answer. What you said is kept in this browser, also if you close it, and is sent again by itself.`
            : t`The platform does not answer. This browser cannot keep it over a reload: leave this page open until all is saved.`}
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
  const mine = (body.labels ?? []).join(", ") || (body.done ? t`none of the labels` : t`taken back`);
  return (
    <Note
      tone="bad"
      title={t`A reading was not taken`}
      alert
      action={
        <Group gap="xs">
          <Button size="xs" onClick={() => void again()}>
            {conflict ? t`Keep mine` : t`Try again`}
          </Button>
          <Button size="xs" variant="default" onClick={() => outbox.discard(id)}>
            {conflict ? t`Keep the other` : t`Discard mine`}
          </Button>
        </Group>
      }
    >
      {message}{" "}
      <Text span>
        <Trans>Yours: {mine}.</Trans>
      </Text>
    </Note>
  );
}
