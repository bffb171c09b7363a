import { plural, t } from "@lingui/core/macro";
import { Plural } from "@lingui/react/macro";
import { Button, FileInput, Paper } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { projectQuery } from "@/api/projects";
import { allRecordingNames } from "@/api/recordings";
import type { Dataset } from "@/api/types";
import { Icon } from "@/components/icons";
import { Note, Problem } from "@/components/Note";
import { Section } from "@/components/Page";
import { labelTemplate } from "@/lib/csv";
import { saveText } from "@/lib/download";
import { AttachTable } from "./AttachTable";
import { TableForms } from "./TableForms";

/** Takes a table of labels, explains which are understood, and hands out a template. */
export function UploadTable({ projectId }: { projectId: string }) {
  const project = useQuery(projectQuery(projectId));
  const [file, setFile] = useState<File | null>(null);
  const [taken, setTaken] = useState<Dataset | null>(null);
  const template = useMutation({
    mutationFn: () => allRecordingNames(projectId),
    onSuccess: (names) => saveText("labels.csv", labelTemplate(names), "text/csv"),
  });
  const recordings = project.data?.n_recordings ?? 0;
  const unmatched = taken?.n_unmatched ?? 0;
  return (
    <Paper withBorder p="md">
      <Section
        title={t`Upload a label table`}
        actions={
          recordings > 0 && (
            <Button
              size="sm"
              variant="default"
              leftSection={<Icon name="download" size={16} />}
              loading={template.isPending}
              onClick={() => template.mutate()}
            >
              <Plural value={recordings} one="Template with # file name" other="Template with # file names" />
            </Button>
          )
        }
      >
        <FileInput
          label={t`Label table (CSV, Excel, Parquet or NumPy)`}
          placeholder={t`Choose a file`}
          accept=".csv,.tsv,.txt,.xlsx,.parquet,.npy,.npz,text/csv,text/tab-separated-values"
          value={file}
          onChange={(chosen) => {
            setTaken(null);
            setFile(chosen);
          }}
          clearable
          clearButtonProps={{ "aria-label": t`Remove the file` }}
          maw={560}
        />
        <Problem error={template.error} title={t`The template could not be created`} />
        {taken && (
          <Note tone={taken.n_matched > 0 ? "good" : "warn"} title={t`“${{ name: taken.name }}” was uploaded`} alert>
            {plural(taken.n_matched, {
              one: `# row matched to a recording, ${unmatched} not matched. Details are below.`,
              other: `# rows matched to a recording, ${unmatched} not matched. Details are below.`,
            })}
          </Note>
        )}
        {file ? (
          <AttachTable
            key={`${file.name} ${file.size} ${file.lastModified}`}
            projectId={projectId}
            file={file}
            onTaken={(dataset) => {
              setTaken(dataset);
              setFile(null);
            }}
          />
        ) : (
          <TableForms />
        )}
      </Section>
    </Paper>
  );
}
