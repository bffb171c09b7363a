import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Box, Button, Group, Modal, Select, Stack, Text, VisuallyHidden } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { previewQuery } from "@/api/imports";
import type { Preview } from "@/api/types";
import { Problem } from "@/components/Note";
import { Loading } from "@/components/Page";
import { region } from "@/language/language";
import { isHidden } from "@/lib/files";
import { DeclaredForm } from "./DeclaredForm";
import { type Declared, declaredFields, withOffer } from "./declared";
import type { Batch } from "./intake";
import { Offers } from "./Offers";
import { figuresOf, PreviewedFile } from "./PreviewedFile";

const OPEN: Record<Preview["left_open"][number], string> = {
  rate: t`the sampling rate`,
  unit: t`the unit`,
  leads: t`the order of the leads`,
};

type Props = {
  projectId: string;
  /** The files to ask about; without one the dialog is closed. */
  batch: Batch | null;
  /** What has been declared so far. */
  declared: Declared;
  onImport: (declared: Declared) => void;
  onCancel: () => void;
};

/** Shows the first seconds of a file as the declaration has it, so that a wrong rate, unit or order is seen at once. */
export function PreviewDialog({ batch, onCancel, ...rest }: Props) {
  return (
    <Modal opened={batch !== null} onClose={onCancel} size={1100} title={t`How should these files be read?`}>
      {batch && <PreviewForm key={batch.number} batch={batch} onCancel={onCancel} {...rest} />}
    </Modal>
  );
}

function PreviewForm({ projectId, batch, declared: before, onImport, onCancel }: Props & { batch: Batch }) {
  const { files, asked } = batch;
  const [declared, setDeclared] = useState(before);
  const [path, setPath] = useState(asked[0]?.path);
  const shown = asked.find((item) => item.path === path) ?? asked[0];
  const [settled] = useDebouncedValue(declared, 250);
  const preview = useQuery({
    ...previewQuery(projectId, shown, declaredFields(settled)),
    placeholderData: keepPreviousData,
  });
  const n = files.filter((item) => !isHidden(item.path)).length;
  // What is shown is not, or no longer, what is declared.
  const stale = preview.isFetching || settled !== declared;
  return (
    <Stack gap="md">
      <Text size="sm">{explanation(preview.data)}</Text>
      {asked.length > 1 && (
        <Select
          label={t`File shown`}
          data={[...new Set(asked.map((item) => item.path))]}
          value={shown?.path ?? null}
          allowDeselect={false}
          onChange={(value) => value && setPath(value)}
        />
      )}
      <DeclaredForm value={declared} onChange={setDeclared} />
      <VisuallyHidden role="status">
        {stale ? t`Reading the file` : preview.data && spoken(preview.data)}
      </VisuallyHidden>
      {preview.isPending && <Loading lines={8} label={t`Reading the file`} />}
      <Problem
        error={preview.error}
        title={t`The file could not be previewed`}
        action={
          <Button size="xs" variant="default" onClick={() => void preview.refetch()}>
            <Trans>Try again</Trans>
          </Button>
        }
      />
      {preview.data && (
        <Box aria-busy={stale} opacity={stale ? 0.4 : 1}>
          <PreviewedFile preview={preview.data} />
          <Offers offers={preview.data.offers ?? []} onChoose={(offer) => setDeclared(withOffer(declared, offer))} />
        </Box>
      )}
      <Group justify="flex-end" className="dialog-foot">
        <Button variant="default" onClick={onCancel}>
          <Trans>Cancel</Trans>
        </Button>
        <Button onClick={() => onImport(declared)}>
          {preview.data?.error || preview.error
            ? plural(n, { one: "Import anyway: # file", other: "Import anyway: # files" })
            : plural(n, { one: "Import # file", other: "Import # files" })}
        </Button>
      </Group>
    </Stack>
  );
}

function explanation(preview: Preview | undefined): string {
  const open = preview?.left_open.map((what) => OPEN[what]) ?? [];
  return open.length > 0
    ? t`This file does not state ${{ what: new Intl.ListFormat(region()).format(open) }}. Adjust the settings until the tracing looks right. They apply to all files of this import that do not state them.`
    : t`Adjust the settings until the tracing looks right. What a file states itself takes precedence.`;
}

function spoken(preview: Preview): string {
  if (preview.error) return ""; // It is an alert of its own.
  const doubts = preview.findings.length;
  return [...figuresOf(preview), doubts > 0 ? plural(doubts, { one: "# finding", other: "# findings" }) : ""].join(
    ". ",
  );
}
