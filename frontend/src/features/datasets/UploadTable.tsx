import { Button, FileInput, Group, Paper, Stack, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { createDataset } from "@/api/datasets";
import { projectQuery } from "@/api/projects";
import { allRecordingNames } from "@/api/recordings";
import { Icon } from "@/components/icons";
import { Note, Problem } from "@/components/Note";
import { Section } from "@/components/Page";
import { labelTemplate } from "@/lib/csv";
import { saveText } from "@/lib/download";
import { count } from "@/lib/format";
import { TableForms } from "./TableForms";

/** Takes a table of labels, explains which are understood, and hands out a template. */
export function UploadTable({ projectId }: { projectId: string }) {
  const queries = useQueryClient();
  const project = useQuery(projectQuery(projectId));
  const [file, setFile] = useState<File | null>(null);
  const [name, setName] = useState("");
  const upload = useMutation({
    mutationFn: (chosen: File) => createDataset(projectId, chosen, name.trim()),
    onSuccess: () => {
      setFile(null);
      setName("");
      void queries.invalidateQueries({ queryKey: ["project", projectId] });
    },
  });
  const template = useMutation({
    mutationFn: () => allRecordingNames(projectId),
    onSuccess: (names) => saveText("labels.csv", labelTemplate(names), "text/csv"),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (file) upload.mutate(file);
  };
  const recordings = project.data?.n_recordings ?? 0;
  return (
    <Paper withBorder p="md">
      <Section
        title="Upload a label table"
        actions={
          recordings > 0 && (
            <Button
              size="sm"
              variant="default"
              leftSection={<Icon name="download" size={16} />}
              loading={template.isPending}
              onClick={() => template.mutate()}
            >
              Template with {count(recordings, "file name")}
            </Button>
          )
        }
      >
        <form onSubmit={submit}>
          <Stack gap="sm">
            <Group align="flex-end" gap="sm">
              <FileInput
                label="Table of labels (CSV)"
                placeholder="Choose a file"
                accept=".csv,.tsv,.txt,text/csv,text/tab-separated-values"
                value={file}
                onChange={(chosen) => {
                  upload.reset();
                  setFile(chosen);
                }}
                clearable
                clearButtonProps={{ "aria-label": "Remove the file" }}
                style={{ flex: "1 1 220px" }}
              />
              <TextInput
                label="Name (optional)"
                placeholder="As the file"
                maxLength={200}
                value={name}
                onChange={(event) => setName(event.currentTarget.value)}
                style={{ flex: "1 1 180px" }}
              />
              <Button type="submit" disabled={!file} loading={upload.isPending} leftSection={<Icon name="upload" />}>
                Upload labels
              </Button>
            </Group>
            <Problem error={upload.error} title="The table was not taken" />
            <Problem error={template.error} title="The template could not be made" />
            {upload.data && (
              <Note tone={upload.data.n_matched > 0 ? "good" : "warn"} title={`“${upload.data.name}” was taken`} alert>
                {count(upload.data.n_matched, "row")} found their recording, {upload.data.n_unmatched} did not. The
                report is below.
              </Note>
            )}
          </Stack>
        </form>
        <TableForms />
      </Section>
    </Paper>
  );
}
