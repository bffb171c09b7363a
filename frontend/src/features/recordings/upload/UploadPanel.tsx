import { plural, t } from "@lingui/core/macro";
import { Plural, Trans } from "@lingui/react/macro";
import { Button, Collapse, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { Link } from "react-router";
import { systemQuery } from "@/api/system";
import { DropZone } from "@/components/DropZone";
import { Icon } from "@/components/icons";
import { Problem } from "@/components/Note";
import { fromDrop, fromInput } from "@/lib/files";
import { projectPath } from "@/lib/paths";
import { DeclaredForm } from "./DeclaredForm";
import { withOffer } from "./declared";
import { InterruptedNote } from "./InterruptedNote";
import { OutcomeList } from "./OutcomeList";
import { PreviewDialog } from "./PreviewDialog";
import { sender } from "./send";
import { UploadProgress } from "./UploadProgress";
import { useDropGuard } from "./useDropGuard";
import { useIntake } from "./useIntake";
import { useUploader } from "./useUploader";

// Errors that a person reads.
const EMPTY = t`No files were found in the dropped folder. Choose another one.`;
const UNREADABLE = t`A dropped folder could not be read. Check its permissions and try again.`;

/** Where files are dropped or picked, with what becomes of them below. */
export function UploadPanel({ projectId }: { projectId: string }) {
  const { uploader, state } = useUploader(projectId);
  const { intake, state: taken } = useIntake(projectId, uploader);
  useDropGuard();
  const [optionsOpen, setOptionsOpen] = useState(false);
  const system = useQuery(systemQuery());
  const formats = system.data?.formats.map((format) => format.title.replace(/ \(.*\)$/, ""));
  const filePicker = useRef<HTMLInputElement>(null);
  const folderPicker = useRef<HTMLInputElement>(null);

  const picked = (input: HTMLInputElement) => {
    const files = fromInput(input.files ?? []);
    input.value = ""; // The same files can then be picked again.
    if (files.length > 0) intake.add(files);
  };
  const dropped = (transfer: DataTransfer) => {
    fromDrop(transfer)
      .then((files) => (files.length > 0 ? intake.add(files) : intake.fail(new Error(EMPTY))))
      .catch(() => intake.fail(new Error(UNREADABLE)));
  };

  return (
    <Stack component="section" aria-label={t`Upload recordings`} gap="sm">
      <DropZone title={t`Drop ECG files, folders or zips here`} onDrop={dropped}>
        <Group justify="center" gap="sm">
          <Button leftSection={<Icon name="upload" />} onClick={() => filePicker.current?.click()}>
            <Trans>Choose files</Trans>
          </Button>
          <Button variant="default" onClick={() => folderPicker.current?.click()}>
            <Trans>Choose a folder</Trans>
          </Button>
          <Button variant="subtle" aria-expanded={optionsOpen} onClick={() => setOptionsOpen(!optionsOpen)}>
            <Trans>Rate and unit</Trans>
          </Button>
        </Group>
        <Collapse expanded={optionsOpen} keepMounted={false} w="100%">
          <div style={{ paddingTop: 16 }}>
            <Text size="sm" c="dimmed" ta="left" mb="sm">
              <Trans>Used only for files that do not state it (such as CSV, NPY and MATLAB).</Trans>
            </Text>
            <DeclaredForm value={taken.declared} onChange={intake.declare} />
          </div>
        </Collapse>
        {/* Below what can be clicked: it grows when the formats arrive. */}
        <Text size="sm" c="dimmed">
          {formats && (
            <Trans>
              {{ n: formats.length }} formats are recognised by their content: {{ names: formats.join(", ") }}.
            </Trans>
          )}{" "}
          <Trans>You can upload thousands of files at once, as folders or zips.</Trans>
        </Text>
        <input
          ref={filePicker}
          type="file"
          multiple
          hidden
          aria-label={t`Files to upload`}
          onChange={(event) => picked(event.currentTarget)}
        />
        <input
          ref={folderPicker}
          type="file"
          hidden
          aria-label={t`Folder to upload`}
          {...{ webkitdirectory: "" }}
          onChange={(event) => picked(event.currentTarget)}
        />
      </DropZone>
      <Problem error={taken.problem} title={t`Nothing was uploaded`} />
      <Text size="sm" role="status">
        {taken.looking && t`Checking the files …`}
        {taken.leftOut > 0 &&
          plural(
            { n: taken.leftOut },
            {
              one: "Not uploaded because the import was cancelled: # file.",
              other: "Not uploaded because the import was cancelled: # files.",
            },
          )}
      </Text>
      <PreviewDialog
        projectId={projectId}
        batch={taken.open}
        declared={taken.declared}
        onImport={intake.accept}
        onCancel={intake.cancel}
      />
      {state.files === 0 && <InterruptedNote projectId={projectId} />}
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
          <Plural
            value={{ n: state.hiddenFiles }}
            one="Skipped: # hidden file of the operating system, such as .DS_Store."
            other="Skipped: # hidden files of the operating system, such as .DS_Store."
          />
        </Text>
      )}
      {state.importIds.length > 0 && (
        <Text size="sm">
          {state.importIds.map((id, index) => (
            <Link key={id} className="row-link" to={projectPath(projectId, "imports", id)} style={{ marginRight: 12 }}>
              {state.importIds.length > 1 ? t`Import report ${{ number: index + 1 }}` : t`Import report`}
            </Link>
          ))}
        </Text>
      )}
      {state.outcomes.length > 0 && (
        <OutcomeList
          projectId={projectId}
          outcomes={state.outcomes}
          offers={uploader.offers()}
          onReadAs={(offer) => uploader.readAs(offer, sender(projectId, withOffer(taken.declared, offer)))}
        />
      )}
    </Stack>
  );
}
