import { plural, t } from "@lingui/core/macro";
import { Plural, Trans } from "@lingui/react/macro";
import { Button, Group, NumberInput, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { deleteRetention, previewRetention, putRetention, retentionQuery } from "@/api/retention";
import type { RetentionOutlook, RetentionRule } from "@/api/types";
import { ConfirmButton } from "@/components/ConfirmButton";
import { Note, Problem } from "@/components/Note";
import { Loading, Section } from "@/components/Page";
import { region } from "@/language/language";
import { dateTime } from "@/lib/format";
import { RetentionHolds } from "./RetentionHolds";

type Props = { projectId: string /** Others see what is going to be erased. */; canChange: boolean };
const SHOWN = 5;

/** How long a project keeps its recordings, what is going to be erased when, and what is kept in any case. */
export function Retention({ projectId, canChange }: Props) {
  const found = useQuery(retentionQuery(projectId));
  const { rule, outlook, waits_for_jobs: waits, grace_days: grace } = found.data ?? {};
  return (
    <Section title={t`How long recordings are kept`}>
      <Problem error={found.error} title={t`It cannot be said how long recordings are kept`} />
      {found.isPending && <Loading lines={2} />}
      {found.data && !rule && (
        <Text size="sm" maw="75ch">
          <Trans>Recordings are kept until somebody deletes them. Nothing is erased by itself.</Trans>
        </Text>
      )}
      {rule && outlook && <Rule rule={rule} outlook={outlook} />}
      {waits && (
        <Note tone="info">
          <Trans>Recordings are due, and are erased as soon as the jobs that may work on them have ended.</Trans>
        </Note>
      )}
      {canChange && found.data && <Change projectId={projectId} rule={rule ?? null} graceDays={grace ?? 0} />}
      {canChange && <RetentionHolds projectId={projectId} />}
    </Section>
  );
}

function Rule({ rule, outlook }: { rule: RetentionRule; outlook: RetentionOutlook }) {
  const { days, reason, set_by: who, n_erased: erased } = rule;
  const when = dateTime(rule.set_at);
  return (
    <Note
      tone={outlook.coming.length > 0 ? "warn" : "info"}
      title={plural(days, {
        one: "Recordings are erased # day after their import",
        other: "Recordings are erased # days after their import",
      })}
    >
      <Outlook outlook={outlook} />
      <Text size="sm" c="dimmed">
        {reason} · {t`set by ${who}, ${when}`}
        {erased > 0 && " · "}
        {erased > 0 && plural(erased, { one: "# recording erased since", other: "# recordings erased since" })}
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
        <OfDay key={day.erase_on} day={dayOf(day.erase_on)} n={day.n_recordings} />
      ))}
      {later > 0 && (
        <Text size="sm">
          {plural(later, { one: "And # recording on later days.", other: "And # recordings on later days." })}
        </Text>
      )}
      {coming.length === 0 && (
        <Text size="sm">{then ? notBefore(dayOf(then)) : t`Nothing is going to be erased.`}</Text>
      )}
      {held > 0 && (
        <Text size="sm">{plural(held, { one: "A hold keeps # recording.", other: "A hold keeps # recordings." })}</Text>
      )}
    </Stack>
  );
}

function OfDay({ day, n }: { day: string; n: number }) {
  return (
    <Text size="sm">
      <Trans>
        <strong>{day}</strong>: <Plural value={n} one="# recording" other="# recordings" /> will be erased.
      </Trans>
    </Text>
  );
}

const notBefore = (day: string) => t`Nothing is erased before ${day}.`;

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
  const asked = Number(days);
  const isAsked = asked >= 1 && reason.trim().length >= 3;
  return (
    <Stack gap="sm">
      <form onSubmit={onSubmit}>
        <Group align="flex-end" gap="sm">
          <NumberInput
            label={t`Erase after days`}
            description={t`Counted from the import, in whole days (UTC).`}
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
            label={t`Reason`}
            description={t`A law, a contract, the vote of an ethics committee.`}
            maxLength={2000}
            style={{ flex: "1 1 240px" }}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <Button type="submit" variant="default" disabled={!isAsked} loading={look.isPending}>
            <Trans>Look what it would do</Trans>
          </Button>
          {rule && (
            <ConfirmButton
              takes="delete_retention"
              label={t`Remove the rule`}
              icon="trash"
              question={t`Erase nothing by itself any more?`}
              confirm={t`Remove it`}
              onConfirm={() => deleteRetention(projectId)}
              onDone={refresh}
            >
              <Trans>
                Recordings are then kept until somebody deletes them, also those that were going to be erased.
              </Trans>
            </ConfirmButton>
          )}
        </Group>
      </form>
      <Problem error={look.error} />
      {look.data && (
        <Note
          tone="warn"
          title={plural(asked, { one: "With # day", other: "With # days" })}
          alert
          action={
            <ConfirmButton
              takes="put_retention"
              label={t`Set this rule`}
              question={t`Have recordings erased by themselves?`}
              confirm={t`Set the rule`}
              onConfirm={() => putRetention(projectId, Number(days), reason)}
              onDone={() => {
                look.reset();
                refresh();
              }}
            >
              <Trans>
                Recordings that are older than <Plural value={asked} one="# day" other="# days" /> are erased for good,
                with labels, predictions and names, and models that have learned from them are marked. Nothing is erased
                in the next <Plural value={graceDays} one="# day" other="# days" />: until then the rule can be removed.
              </Trans>
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
  return new Intl.DateTimeFormat(region(), { dateStyle: "medium", timeZone: "UTC" }).format(
    new Date(`${iso}T00:00:00Z`),
  );
}
