import { Button, Collapse, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type DragEvent, useRef, useState } from "react";
import { systemQuery } from "@/api/system";
import { Icon } from "@/components/icons";
import { Problem } from "@/components/Note";
import { fromDrop, fromInput, type PathFile } from "@/lib/files";
import { count } from "@/lib/format";
import { DeclaredForm } from "./DeclaredForm";
import { USUAL } from "./declared";
import { OutcomeList } from "./OutcomeList";
import { sender } from "./send";
import { UploadProgress } from "./UploadProgress";
import { useUploader } from "./useUploader";

/** Where files are dropped or picked, with what becomes of them below. */
export function UploadPanel({ projectId }: { projectId: string }) {
  const { uploader, state } = useUploader(projectId);
  const [declared, setDeclared] = useState(USUAL);
  const [optionsOpen, setOptionsOpen] = useState(false);
  const [over, setOver] = useState(false);
  const [problem, setProblem] = useState<Error | null>(null);
  const system = useQuery(systemQuery());
  const filePicker = useRef<HTMLInputElement>(null);
  const folderPicker = useRef<HTMLInputElement>(null);

  const upload = (files: PathFile[]) => {
    setProblem(files.length === 0 ? new Error("The folder holds no files. Choose another one.") : null);
    if (files.length > 0) uploader.add(files, sender(projectId, declared));
  };
  const picked = (input: HTMLInputElement) => {
    const files = fromInput(input.files ?? []);
    input.value = ""; // The same files can then be picked again.
    if (files.length > 0) upload(files);
  };
  const dropped = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    fromDrop(event.dataTransfer)
      .then(upload)
      .catch(() => setProblem(new Error("A dropped folder could not be read. Check its permissions and try again.")));
  };

  return (
    <Stack component="section" aria-label="Upload recordings" gap="sm">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping needs a mouse; the buttons inside do the same */}
      <div
        className="drop-zone"
        data-over={over}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={dropped}
      >
        <Stack gap="sm" align="center">
          <Text fw={600}>Drop ECG files, folders or zips here</Text>
          <Group justify="center" gap="sm">
            <Button leftSection={<Icon name="upload" />} onClick={() => filePicker.current?.click()}>
              Choose files
            </Button>
            <Button variant="default" onClick={() => folderPicker.current?.click()}>
              Choose a folder
            </Button>
            <Button variant="subtle" aria-expanded={optionsOpen} onClick={() => setOptionsOpen(!optionsOpen)}>
              Rate and unit
            </Button>
          </Group>
          <Text size="sm" c="dimmed">
            {system.data ? `Formats: ${system.data.formats.map((format) => format.title).join(", ")}, zip.` : ""}{" "}
            Thousands of files at once are fine.
          </Text>
        </Stack>
        <Collapse expanded={optionsOpen} keepMounted={false}>
          <div style={{ paddingTop: 16 }}>
            <DeclaredForm value={declared} onChange={setDeclared} />
          </div>
        </Collapse>
        <input
          ref={filePicker}
          type="file"
          multiple
          hidden
          aria-label="Files to upload"
          onChange={(event) => picked(event.currentTarget)}
        />
        <input
          ref={folderPicker}
          type="file"
          hidden
          aria-label="Folder to upload"
          {...{ webkitdirectory: "" }}
          onChange={(event) => picked(event.currentTarget)}
        />
      </div>
      <Problem error={problem} />
      {state.files > 0 && (
        <UploadProgress
          state={state}
          onCancel={uploader.cancel}
          onRetry={uploader.retry}
          onDismiss={uploader.dismiss}
        />
      )}
      {state.hiddenFiles > 0 && (
        <Text size="sm" c="dimmed">
          Left out: {count(state.hiddenFiles, "hidden file")} of the operating system, such as .DS_Store.
        </Text>
      )}
      {state.outcomes.length > 0 && <OutcomeList projectId={projectId} outcomes={state.outcomes} />}
    </Stack>
  );
}
