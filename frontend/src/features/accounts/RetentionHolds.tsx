import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, NativeSelect, Paper, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { addRetentionHold, removeRetentionHold, retentionHoldsQuery, retentionQuery } from "@/api/retention";
import type { RetentionHold } from "@/api/types";
import { ConfirmButton } from "@/components/ConfirmButton";
import { Problem } from "@/components/Note";
import { dateTime } from "@/lib/format";

type Kind = RetentionHold["kind"];
const KINDS: { value: Kind; label: string }[] = [
  { value: "patient", label: t`A patient` },
  { value: "recording", label: t`A recording` },
  { value: "project", label: t`The whole project` },
];

/** What is kept whatever the rule says, such as for a court. */
export function RetentionHolds({ projectId }: { projectId: string }) {
  const queries = useQueryClient();
  const holds = useQuery(retentionHoldsQuery(projectId));
  const [open, setOpen] = useState(false);
  const refresh = () => void queries.invalidateQueries(retentionQuery(projectId));
  return (
    <Stack gap="sm">
      <Problem error={holds.error} title={t`The holds cannot be shown`} />
      {holds.data && holds.data.length > 0 && (
        <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: "none" }} aria-label={t`Kept in any case`}>
          {holds.data.map((hold) => (
            <Paper component="li" withBorder p="md" key={hold.id}>
              <Group justify="space-between" gap="sm" wrap="nowrap">
                <div style={{ minWidth: 0 }}>
                  <Text fw={600} style={{ overflowWrap: "anywhere" }}>
                    {keptWords(nameOf(hold))}
                  </Text>
                  <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
                    {hold.reason} · {hold.placed_by}, {dateTime(hold.created_at)}
                  </Text>
                </div>
                <ConfirmButton
                  takes="remove_retention_hold"
                  iconOnly
                  label={endWords(nameOf(hold))}
                  question={t`End this hold?`}
                  confirm={t`End the hold`}
                  onConfirm={() => removeRetentionHold(projectId, hold.id)}
                  onDone={refresh}
                >
                  <Trans>What it kept is erased as the rule says, and not before it was announced here.</Trans>
                </ConfirmButton>
              </Group>
            </Paper>
          ))}
        </Stack>
      )}
      {open ? (
        <NewHold projectId={projectId} onClose={() => setOpen(false)} onDone={refresh} />
      ) : (
        <Button variant="default" style={{ alignSelf: "flex-start" }} onClick={() => setOpen(true)}>
          <Trans>Keep something in any case</Trans>
        </Button>
      )}
    </Stack>
  );
}

type NewProps = { projectId: string; onClose: () => void; onDone: () => void };

function NewHold({ projectId, onClose, onDone }: NewProps) {
  const [kind, setKind] = useState<Kind>("patient");
  const [which, setWhich] = useState("");
  const [reason, setReason] = useState("");
  const add = useMutation({
    mutationFn: () =>
      addRetentionHold(projectId, {
        reason,
        recording_id: kind === "recording" ? which.trim() : "",
        patient: kind === "patient" ? which.trim() : "",
      }),
    onSuccess: () => {
      onClose();
      onDone();
    },
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  const isSaid = reason.trim().length >= 3 && (kind === "project" || which.trim() !== "");
  return (
    <form onSubmit={onSubmit}>
      <Stack gap="sm" maw={520}>
        <NativeSelect
          label={t({ message: "Keep", context: "from being erased" })}
          data={KINDS}
          value={kind}
          onChange={(event) =>
            setKind(KINDS.find(({ value }) => value === event.currentTarget.value)?.value ?? "patient")
          }
        />
        {kind !== "project" && (
          <TextInput
            label={kind === "patient" ? t`Patient to keep` : t`Recording to keep`}
            description={
              kind === "patient"
                ? t`The identifier as it stands in the files or tables, or a pseudonym (p-…).`
                : t`The last part of the address of its page.`
            }
            required
            maxLength={500}
            autoComplete="off"
            value={which}
            onChange={(event) => setWhich(event.currentTarget.value)}
          />
        )}
        <TextInput
          label={t`Why it is kept`}
          required
          maxLength={2000}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Problem error={add.error} />
        <Group gap="sm">
          <Button type="submit" loading={add.isPending} disabled={!isSaid}>
            <Trans>Keep it</Trans>
          </Button>
          <Button variant="default" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

const keptWords = (what: string) => t`Kept: ${what}`;
const endWords = (what: string) => t`End the hold: ${what}`;

function nameOf({ kind, patient, recording_id: recording }: RetentionHold): string {
  if (kind === "project") return t`the whole project`;
  const id = (kind === "patient" ? patient : recording) ?? "";
  return kind === "patient" ? t`patient ${id}` : t`recording ${id}`;
}
