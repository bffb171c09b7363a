import { Button, Group, NumberInput, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { deleteRetention, previewRetention, putRetention, retentionQuery } from "@/api/retention";
import type { RetentionOutlook, RetentionRule } from "@/api/types";
import { ConfirmButton } from "@/components/ConfirmButton";
import { Note, Problem } from "@/components/Note";
import { Loading, Section } from "@/components/Page";
import { count, dateTime } from "@/lib/format";
import { RetentionHolds } from "./RetentionHolds";

type Props = { projectId: string /** Others see what is going to be erased. */; canChange: boolean };
const SHOWN = 5;

/** How long a project keeps its recordings, what is going to be erased when, and what is kept in any case. */
export function Retention({ projectId, canChange }: Props) {
  const found = useQuery(retentionQuery(projectId));
  const { rule, outlook, waits_for_jobs: waits, grace_days: grace } = found.data ?? {};
  return (
    <Section title="How long recordings are kept">
      <Problem error={found.error} title="It cannot be said how long recordings are kept" />
      {found.isPending && <Loading lines={2} />}
      {found.data && !rule && (
        <Text size="sm" maw="75ch">
          Recordings are kept until somebody deletes them. Nothing is erased by itself.
        </Text>
      )}
      {rule && outlook && <Rule rule={rule} outlook={outlook} />}
      {waits && (
        <Note tone="info">
          Recordings are due, and are erased as soon as the jobs that may work on them have ended.
        </Note>
      )}
      {canChange && found.data && <Change projectId={projectId} rule={rule ?? null} graceDays={grace ?? 0} />}
      {canChange && <RetentionHolds projectId={projectId} />}
    </Section>
  );
}

function Rule({ rule, outlook }: { rule: RetentionRule; outlook: RetentionOutlook }) {
  return (
    <Note
      tone={outlook.coming.length > 0 ? "warn" : "info"}
      title={`Recordings are erased ${count(rule.days, "day")} after their import`}
    >
      <Outlook outlook={outlook} />
      <Text size="sm" c="dimmed">
        {rule.reason} · set by {rule.set_by}, {dateTime(rule.set_at)}
        {rule.n_erased > 0 && ` · ${count(rule.n_erased, "recording")} erased since`}
      </Text>
    </Note>
  );
}

/** What goes next and when, in words. */
function Outlook({ outlook }: { outlook: RetentionOutlook }) {
  const { coming, then_on: then, n_held: held } = outlook;
  const later = coming.slice(SHOWN).reduce((sum, day) => sum + day.n_recordings, 0);
  return (
    <Stack gap={4} mb={4}>
      {coming.slice(0, SHOWN).map((day) => (
        <Text size="sm" key={day.erase_on}>
          <strong>{dayOf(day.erase_on)}</strong>: {count(day.n_recordings, "recording")} will be erased.
        </Text>
      ))}
      {later > 0 && <Text size="sm">And {count(later, "recording")} on later days.</Text>}
      {coming.length === 0 && (
        <Text size="sm">{then ? `Nothing is erased before ${dayOf(then)}.` : "Nothing is going to be erased."}</Text>
      )}
      {held > 0 && <Text size="sm">A hold keeps {count(held, "recording")}.</Text>}
    </Stack>
  );
}

function Change({ projectId, rule, graceDays }: { projectId: string; rule: RetentionRule | null; graceDays: number }) {
  const queries = useQueryClient();
  const [days, setDays] = useState<number | string>(rule?.days ?? "");
  const [reason, setReason] = useState(rule?.reason ?? "");
  const refresh = () => void queries.invalidateQueries(retentionQuery(projectId));
  const look = useMutation({ mutationFn: () => previewRetention(projectId, Number(days)) });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    look.mutate();
  };
  const isAsked = Number(days) >= 1 && reason.trim().length >= 3;
  return (
    <Stack gap="sm">
      <form onSubmit={onSubmit}>
        <Group align="flex-end" gap="sm">
          <NumberInput
            label="Erase after days"
            description="Counted from the import, in whole days (UTC)."
            min={1}
            max={36500}
            allowDecimal={false}
            value={days}
            onChange={(value) => {
              setDays(value);
              look.reset();
            }}
          />
          <TextInput
            label="Reason"
            description="A law, a contract, the vote of an ethics committee."
            maxLength={2000}
            style={{ flex: "1 1 240px" }}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <Button type="submit" variant="default" disabled={!isAsked} loading={look.isPending}>
            Look what it would do
          </Button>
          {rule && (
            <ConfirmButton
              label="Remove the rule"
              icon="trash"
              question="Erase nothing by itself any more?"
              confirm="Remove it"
              onConfirm={() => deleteRetention(projectId)}
              onDone={refresh}
            >
              Recordings are then kept until somebody deletes them, also those that were going to be erased.
            </ConfirmButton>
          )}
        </Group>
      </form>
      <Problem error={look.error} />
      {look.data && (
        <Note
          tone="warn"
          title={`With ${count(Number(days), "day")}`}
          alert
          action={
            <ConfirmButton
              label="Set this rule"
              question="Have recordings erased by themselves?"
              confirm="Set the rule"
              onConfirm={() => putRetention(projectId, Number(days), reason)}
              onDone={() => {
                look.reset();
                refresh();
              }}
            >
              Recordings that are older than {count(Number(days), "day")} are erased for good, with labels, predictions
              and names, and models that have learned from them are marked. Nothing is erased in the next{" "}
              {count(graceDays, "day")}: until then the rule can be removed.
            </ConfirmButton>
          }
        >
          <Outlook outlook={look.data} />
        </Note>
      )}
    </Stack>
  );
}

/** A day as people write it; the platform's days are those of UTC. */
function dayOf(iso: string): string {
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" }).format(
    new Date(`${iso}T00:00:00Z`),
  );
}
