import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Box, Button, Group, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { EvaluatedRecording, ModelEvaluationDetail } from "@/api/types";
import { ButtonLink } from "@/components/ButtonLink";
import { Chip } from "@/components/Chip";
import { ExplainButton } from "@/components/ExplainButton";
import { type CellList, inCell } from "@/lib/cellList";
import { KnownAndPredicted } from "./KnownAndPredicted";
import type { Chosen } from "./useChosen";

/** Recordings of a page of the list. */
export const CELL_SIZE = 10;

/** What draws an ECG is told: the recording, those before and after it in the list, and how another one is opened. */
export type ToDraw = {
  projectId: string;
  recordingId: string;
  previousId: string | null;
  nextId: string | null;
  onOpen: (recordingId: string) => void;
};

/** Draws the ECG of a recording; it is given by the app, where this feature meets that of recordings. */
export type ShowTracing = (what: ToDraw) => ReactNode;

type Props = {
  evaluation: ModelEvaluationDetail;
  chosen: Chosen;
  tracing: ShowTracing;
  onChange: (change: Partial<Chosen>, step?: boolean) => void;
  row: EvaluatedRecording;
  rows: readonly EvaluatedRecording[];
  /** The last one of the page before, and the first one of the page after. */
  before: EvaluatedRecording | undefined;
  after: EvaluatedRecording | undefined;
  total: number;
  ofCell: Omit<CellList, "place">;
};

/** One recording of a cell, with the ways to its neighbours in the whole list, beyond the page of it that is shown. */
export function ShownInCell({ evaluation, row, rows, before, after, total, ofCell, chosen, tracing, onChange }: Props) {
  const place = rows.indexOf(row);
  const previousId = (rows[place - 1] ?? before)?.recording_id ?? null;
  const nextId = (rows[place + 1] ?? after)?.recording_id ?? null;
  const position = (chosen.page - 1) * CELL_SIZE + place + 1;
  const open = (ecg: string | null) => {
    if (!ecg) return;
    const page = rows.some((one) => one.recording_id === ecg) ? chosen.page : chosen.page + (ecg === nextId ? 1 : -1);
    onChange({ ecg, page });
  };
  return (
    <Stack gap="sm">
      <Group justify="space-between" gap="xs">
        <Text fw={650} style={{ overflowWrap: "anywhere" }}>
          {row.file_name}{" "}
          <Text component="span" size="sm" c="dimmed">
            {[
              { F: t`female`, M: t`male` }[row.sex ?? ""],
              row.age !== null && plural(Math.round(row.age), { one: "# year", other: "# years" }),
            ]
              .filter(Boolean)
              .join(", ")}
          </Text>{" "}
          {row.seen && (
            <Chip tone="warn" icon="alert">
              <Trans>seen in training</Trans>
            </Chip>
          )}
          {row.seen_not_known && (
            <Chip tone="calm">
              <Trans>not known whether seen</Trans>
            </Chip>
          )}
        </Text>
        <Group gap="xs">
          <Button size="xs" variant="default" disabled={!previousId} onClick={() => open(previousId)}>
            <Trans>Previous</Trans>
          </Button>
          <Text size="sm" className="numbers">
            <Trans>
              {position} of {total}
            </Trans>
          </Text>
          <Button size="xs" variant="default" disabled={!nextId} onClick={() => open(nextId)}>
            <Trans>Next</Trans>
          </Button>
          <ButtonLink
            size="xs"
            variant="default"
            to={inCell(row.project_id, row.recording_id, { ...ofCell, place: position })}
          >
            <Trans>Open recording</Trans>
          </ButtonLink>
        </Group>
      </Group>
      <ExplainButton
        projectId={row.project_id}
        modelId={evaluation.model_id}
        recordingId={row.recording_id}
        label={chosen.label}
      />
      <KnownAndPredicted evaluation={evaluation} row={row} label={chosen.label} />
      <Box style={{ minWidth: 0 }}>
        {tracing({ projectId: row.project_id, recordingId: row.recording_id, previousId, nextId, onOpen: open })}
      </Box>
    </Stack>
  );
}
