import { plural, t } from "@lingui/core/macro";
import { Plural, Trans } from "@lingui/react/macro";
import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { erasePatient, findPatient } from "@/api/patients";
import { ConfirmButton } from "@/components/ConfirmButton";
import { Note, Problem } from "@/components/Note";
import { Section } from "@/components/Page";

function has(nRecordings: number, nLabels: number): string {
  const recordings = plural(nRecordings, { one: "# recording", other: "# recordings" });
  const rows = plural(nLabels, { one: "# row of labels", other: "# rows of labels" });
  return t`This project has ${recordings} and ${rows} of this patient`;
}

const erased = (n: number) => plural(n, { one: "Erased # recording", other: "Erased # recordings" });

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
  const models = found?.models.join(", ") ?? "";
  return (
    <Section title={t`Erase a patient`}>
      <Text size="sm" c="dimmed" maw="75ch">
        <Trans>
          Recordings, original files, labels, predictions and evaluations of the patient are deleted for good, and their
          names with them. Models stay; those that have learned from the recordings are marked.
        </Trans>
      </Text>
      <form onSubmit={onSubmit}>
        <Group align="flex-end" gap="sm">
          <TextInput
            label={t`Patient`}
            description={t`The identifier as it stands in the files or tables, or a pseudonym (p-…).`}
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
            <Trans>Look for it</Trans>
          </Button>
        </Group>
      </form>
      <Problem error={find.error} />
      {found && (
        <Note
          tone="warn"
          title={has(found.n_recordings, found.n_labels)}
          alert
          action={
            <ConfirmButton
              takes="erase_patient"
              projectId={projectId}
              label={t`Erase this patient`}
              question={t`Erase this patient for good?`}
              confirm={t`Erase patient`}
              onConfirm={() => erase.mutateAsync()}
            >
              <Plural
                value={found.n_recordings}
                one="# recording and everything that belongs to them will be gone. This cannot be undone."
                other="# recordings and everything that belongs to them will be gone. This cannot be undone."
              />
            </ConfirmButton>
          }
        >
          {models && <Text size="sm">{t`Learned from by: ${models}.`}</Text>}
        </Note>
      )}
      {erase.data && (
        <Stack>
          <Note tone="good" title={erased(erase.data.n_recordings)} alert>
            <Plural
              value={erase.data.n_files}
              one="# stored file deleted. Copies in backups of this computer are not reached from here."
              other="# stored files deleted. Copies in backups of this computer are not reached from here."
            />
          </Note>
        </Stack>
      )}
    </Section>
  );
}
