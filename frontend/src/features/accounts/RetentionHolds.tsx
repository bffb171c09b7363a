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
  { value: "patient", label: "A patient" },
  { value: "recording", label: "A recording" },
  { value: "project", label: "The whole project" },
];

/** What is kept whatever the rule says, such as for a court. */
export function RetentionHolds({ projectId }: { projectId: string }) {
  const queries = useQueryClient();
  const holds = useQuery(retentionHoldsQuery(projectId));
  const [open, setOpen] = useState(false);
  const refresh = () => void queries.invalidateQueries(retentionQuery(projectId));
  return (
    <Stack gap="sm">
      <Problem error={holds.error} title="The holds cannot be shown" />
      {holds.data && holds.data.length > 0 && (
        <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: "none" }} aria-label="Kept in any case">
          {holds.data.map((hold) => (
            <Paper component="li" withBorder p="md" key={hold.id}>
              <Group justify="space-between" gap="sm" wrap="nowrap">
                <div style={{ minWidth: 0 }}>
                  <Text fw={600} style={{ overflowWrap: "anywhere" }}>
                    Kept: {nameOf(hold)}
                  </Text>
                  <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
                    {hold.reason} · {hold.placed_by}, {dateTime(hold.created_at)}
                  </Text>
                </div>
                <ConfirmButton
                  iconOnly
                  label={`End the hold: ${nameOf(hold)}`}
                  question="End this hold?"
                  confirm="End the hold"
                  onConfirm={() => removeRetentionHold(projectId, hold.id)}
                  onDone={refresh}
                >
                  What it kept is erased as the rule says, and not before it was announced here.
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
          Keep something in any case
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
          label="Keep"
          data={KINDS}
          value={kind}
          onChange={(event) =>
            setKind(KINDS.find(({ value }) => value === event.currentTarget.value)?.value ?? "patient")
          }
        />
        {kind !== "project" && (
          <TextInput
            label={kind === "patient" ? "Patient to keep" : "Recording to keep"}
            description={
              kind === "patient"
                ? "The identifier as it stands in the files or tables, or a pseudonym (p-…)."
                : "The last part of the address of its page."
            }
            required
            maxLength={500}
            autoComplete="off"
            value={which}
            onChange={(event) => setWhich(event.currentTarget.value)}
          />
        )}
        <TextInput
          label="Why it is kept"
          required
          maxLength={2000}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Problem error={add.error} />
        <Group gap="sm">
          <Button type="submit" loading={add.isPending} disabled={!isSaid}>
            Keep it
          </Button>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function nameOf(hold: RetentionHold): string {
  if (hold.kind === "project") return "the whole project";
  return hold.kind === "patient" ? `patient ${hold.patient}` : `recording ${hold.recording_id}`;
}
