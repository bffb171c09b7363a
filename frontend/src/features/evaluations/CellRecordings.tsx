import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Grid, Group, Paper, Stack, Text, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { type CellQuery, cellQuery } from "@/api/evaluations";
import type { ModelEvaluationDetail } from "@/api/types";
import { LabelThese } from "@/components/LabelThese";
import { Problem } from "@/components/Note";
import { Loading, Section } from "@/components/Page";
import { Pager } from "@/components/Pager";
import type { CellList } from "@/lib/cellList";
import { digitsApart, percent, percentPlain, valueText } from "@/lib/format";
import { cellAsList } from "@/lib/recordingList";
import { CELL_SIZE, ShownInCell, type ShowTracing } from "./ShownInCell";
import type { Chosen } from "./useChosen";

type Props = {
  evaluation: ModelEvaluationDetail;
  projectId: string;
  chosen: Chosen;
  tracing: ShowTracing;
  onChange: (change: Partial<Chosen>, step?: boolean) => void;
};

/** The recordings of a cell, the surest answers first, and the ECG of the chosen one beside known label and answer. */
export function CellRecordings({ evaluation, projectId, chosen, tracing, onChange }: Props) {
  const top = useRef<HTMLDivElement>(null);
  const values = evaluation.task === "regression";
  const query: CellQuery = chosen.predicted
    ? { label: chosen.label, predicted_label: chosen.predicted }
    : values
      ? { label: chosen.label }
      : {
          label: chosen.label,
          cell: chosen.cell ?? "false_positive",
          ...(chosen.threshold === null ? {} : { threshold: chosen.threshold / 1000 }),
        };
  const found = useQuery(cellQuery(projectId, evaluation.id, query, chosen.page, CELL_SIZE));
  const rows = found.data?.items ?? [];
  const last = found.data ? Math.max(1, Math.ceil(found.data.total / CELL_SIZE)) : null;
  // The list goes on over its pages: what stands before and behind this one is known before it is asked for.
  const pageOf = (page: number) => ({
    ...cellQuery(projectId, evaluation.id, query, page, CELL_SIZE),
    enabled: last !== null && page >= 1 && page <= last,
    placeholderData: undefined,
  });
  const before = useQuery(pageOf(chosen.page - 1)).data?.items.at(-1);
  const after = useQuery(pageOf(chosen.page + 1)).data?.items[0];
  // biome-ignore lint/correctness/useExhaustiveDependencies: only where the address names a page that is not there
  useEffect(() => {
    if (last !== null && !found.isPlaceholderData && chosen.page > last) onChange({ page: last, ecg: null });
  }, [last, chosen.page, found.isPlaceholderData]);
  const shown = rows.find((row) => row.recording_id === chosen.ecg) ?? rows[0];
  const asked = `${chosen.label} ${chosen.cell} ${chosen.predicted}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: one comes here when another cell is asked for
  useEffect(() => {
    void top.current?.scrollIntoView({ block: "nearest" }); // newer browsers answer with a promise
  }, [asked]);
  const index = evaluation.labels.indexOf(chosen.predicted ?? chosen.label);
  const threshold = chosen.threshold === null ? (evaluation.thresholds[index] ?? 0.5) : chosen.threshold / 1000;
  const outputText = (output: number) => percent(output, digitsApart(output, threshold));
  return (
    <Paper withBorder p="md" ref={top}>
      <Section
        title={titleOf(chosen, values)}
        actions={
          !values && (
            <Group gap="xs">
              {evaluation.dataset_project_id && (
                <LabelThese
                  projectId={evaluation.dataset_project_id}
                  list={cellAsList(evaluation.id, query)}
                  first={shown?.recording_id}
                  size="xs"
                />
              )}
              <Button
                size="xs"
                variant="default"
                onClick={() => onChange({ cell: null, predicted: null, page: 1, ecg: null })}
              >
                <Trans>Close list</Trans>
              </Button>
            </Group>
          )
        }
      >
        <Problem error={found.error} title={t`The recordings cannot be shown`} />
        {found.isPending && <Loading label={t`Loading recordings`} />}
        {found.data && (
          <Grid gap="lg">
            <Grid.Col span={{ base: 12, md: 4, lg: 3 }}>
              <Stack gap="sm">
                <Text size="xs" c="dimmed">
                  {values ? t`The largest errors first.` : t`Those first of which the model is surest.`}
                </Text>
                {(found.data.deleted ?? 0) > 0 && <Text size="sm">{deleted(found.data.deleted ?? 0, values)}</Text>}
                <Stack
                  component="ul"
                  gap={4}
                  p={0}
                  m={0}
                  style={{ listStyle: "none" }}
                  aria-label={t`Recordings of the cell`}
                >
                  {rows.map((row) => (
                    <li key={row.recording_id}>
                      <UnstyledButton
                        className="cell-row"
                        aria-current={row.recording_id === shown?.recording_id}
                        onClick={() => onChange({ ecg: row.recording_id })}
                      >
                        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
                          {row.file_name}
                        </Text>
                        <Text size="sm" className="numbers">
                          {values ? valueText(row.outputs[index]) : outputText(row.outputs[index] ?? 0)}
                        </Text>
                      </UnstyledButton>
                    </li>
                  ))}
                </Stack>
                <Pager
                  page={chosen.page}
                  size={CELL_SIZE}
                  total={found.data.total}
                  noun={t`recordings`}
                  onChange={(page) => onChange({ page, ecg: null })}
                />
              </Stack>
            </Grid.Col>
            <Grid.Col span={{ base: 12, md: 8, lg: 9 }}>
              {shown ? (
                <ShownInCell
                  evaluation={evaluation}
                  row={shown}
                  rows={rows}
                  before={before}
                  after={after}
                  total={found.data.total}
                  ofCell={{ evaluation: evaluation.id, owner: projectId, ...asList(query) }}
                  tracing={tracing}
                  onChange={onChange}
                  chosen={chosen}
                />
              ) : (
                <Text size="sm">
                  <Trans>No recording is in this cell.</Trans>
                </Text>
              )}
            </Grid.Col>
          </Grid>
        )}
      </Section>
    </Paper>
  );
}

function asList({
  label,
  cell,
  predicted_label,
  threshold,
}: CellQuery): Omit<CellList, "evaluation" | "owner" | "place"> {
  return {
    label,
    ...(cell ? { cell } : {}),
    ...(predicted_label ? { predicted: predicted_label } : {}),
    ...(typeof threshold === "number" ? { threshold } : {}),
  };
}

function deleted(n: number, values: boolean): string {
  return values
    ? plural(n, {
        one: "# recording of this list has been deleted since.",
        other: "# recordings of this list have been deleted since.",
      })
    : plural(n, {
        one: "# recording of this cell has been deleted since.",
        other: "# recordings of this cell have been deleted since.",
      });
}

const CELL_TITLES = {
  true_positive: t`True positives`,
  false_positive: t`False positives`,
  false_negative: t`False negatives`,
  true_negative: t`True negatives`,
} as const;

function titleOf({ label, cell, predicted, threshold }: Chosen, values: boolean): string {
  if (values) return t`Recordings by error: ${label}`;
  if (predicted) return t`${label}, predicted as ${predicted}`;
  const what = cell ? CELL_TITLES[cell] : t`Recordings`;
  if (threshold === null) return `${what}: ${label}`;
  const at = percentPlain(threshold / 1000, 1);
  return t`${what}: ${label} at ${at}`;
}
