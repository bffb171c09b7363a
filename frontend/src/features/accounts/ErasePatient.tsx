import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { erasePatient, findPatient } from "@/api/patients";
import { ConfirmButton } from "@/components/ConfirmButton";
import { Note, Problem } from "@/components/Note";
import { Section } from "@/components/Page";
import { count } from "@/lib/format";

/** Erases a patient for good: first it is shown what the project has of them, then it is asked. */
export function ErasePatient({ projectId }: { projectId: string }) {
  const queries = useQueryClient();
  const [patient, setPatient] = useState("");
  const find = useMutation({ mutationFn: () => findPatient(projectId, patient) });
  const erase = useMutation({
    mutationFn: () => erasePatient(projectId, patient),
    onSuccess: () => {
      find.reset();
      setPatient("");
      void queries.invalidateQueries();
    },
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    erase.reset();
    find.mutate();
  };
  const found = find.data;
  return (
    <Section title="Erase a patient">
      <Text size="sm" c="dimmed" maw="75ch">
        Recordings, original files, labels, predictions and evaluations of the patient are deleted for good, and their
        names with them. Models stay; those that have learned from the recordings are marked.
      </Text>
      <form onSubmit={onSubmit}>
        <Group align="flex-end" gap="sm">
          <TextInput
            label="Patient"
            description="The identifier as it stands in the files or tables, or a pseudonym (p-…)."
            required
            maxLength={500}
            autoComplete="off"
            value={patient}
            onChange={(event) => {
              setPatient(event.currentTarget.value);
              find.reset();
            }}
          />
          <Button type="submit" variant="default" loading={find.isPending} disabled={patient.trim() === ""}>
            Look for it
          </Button>
        </Group>
      </form>
      <Problem error={find.error} />
      {found && (
        <Note
          tone="warn"
          title={`This project has ${count(found.n_recordings, "recording")} and ${count(found.n_labels, "row")} of labels of this patient`}
          alert
          action={
            <ConfirmButton
              label="Erase this patient"
              question="Erase this patient for good?"
              confirm="Erase patient"
              onConfirm={() => erase.mutateAsync()}
            >
              {count(found.n_recordings, "recording")} and everything that belongs to them will be gone. This cannot be
              undone.
            </ConfirmButton>
          }
        >
          {found.models.length > 0 && <Text size="sm">Learned from by: {found.models.join(", ")}.</Text>}
        </Note>
      )}
      {erase.data && (
        <Stack>
          <Note tone="good" title={`Erased ${count(erase.data.n_recordings, "recording")}`} alert>
            {count(erase.data.n_files, "stored file")} deleted. Copies in backups of this computer are not reached from
            here.
          </Note>
        </Stack>
      )}
    </Section>
  );
}
