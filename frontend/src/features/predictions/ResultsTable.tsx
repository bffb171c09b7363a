import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Checkbox, Group, Paper, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { resultsQuery } from "@/api/predictions";
import type { PredictionRow } from "@/api/types";
import { LabelThese } from "@/components/LabelThese";
import { Problem } from "@/components/Note";
import { Loading, Section } from "@/components/Page";
import { Pager } from "@/components/Pager";
import { percent, valueText } from "@/lib/format";
import { inList } from "@/lib/recordingList";
import { DicomLinks } from "./DicomLinks";
import { SeenChip } from "./SeenChip";

const SIZE = 50;

type Props = { projectId: string; predictionId: string; labels: readonly string[]; regression: boolean };

/** The result for each recording, a page at a time. */
export function ResultsTable({ projectId, predictionId, labels, regression }: Props) {
  const [params, setParams] = useSearchParams();
  const page = Math.max(1, Number.parseInt(params.get("page") ?? "1", 10) || 1);
  const disagreement = params.get("disagreement") === "true";
  const show = (only: boolean, at = 1) => {
    const address = { ...(only ? { disagreement: "true" } : {}), ...(at > 1 ? { page: String(at) } : {}) };
    setParams(address, { replace: true, preventScrollReset: true });
  };
  const list = { prediction_id: predictionId, ...(disagreement ? { disagreement: "true" } : {}) };
  const filter = disagreement ? { disagreement } : {};
  const results = useQuery(resultsQuery(projectId, predictionId, filter, page, SIZE));
  const columns = [...(regression ? labels : [t`Predicted`, t`Highest probability`]), t`Known`, t`Seen by the model`];
  return (
    <Paper withBorder p="md">
      <Section
        title={t`Results for each recording`}
        actions={
          !regression && (
            <Group gap="sm">
              <Checkbox
                label={t`Only disagreements with the labels`}
                checked={disagreement}
                onChange={(event) => show(event.currentTarget.checked)}
              />
              {disagreement && <LabelThese projectId={projectId} list={list} />}
            </Group>
          )
        }
      >
        <Problem error={results.error} title={t`The results cannot be shown`} />
        {results.isPending && <Loading label={t`Loading results`} />}
        {results.data?.total === 0 && disagreement && (
          <Text size="sm">
            <Trans>The prediction agrees with the labels wherever a table gives some.</Trans>
          </Text>
        )}
        {results.data && results.data.total > 0 && (
          <>
            <Table.ScrollContainer
              minWidth={Math.max(420, 200 + 120 * columns.length)}
              scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}
            >
              <Table className="numbers" aria-label={t`Results`}>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>
                      <Trans>Recording</Trans>
                    </Table.Th>
                    {columns.map((title) => (
                      <Table.Th key={title} ta={regression && labels.includes(title) ? "right" : undefined}>
                        {title}
                      </Table.Th>
                    ))}
                    <Table.Th>DICOM</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {results.data.items.map((row) => (
                    <Table.Tr key={row.recording_id}>
                      <Table.Td>
                        <Link className="row-link" to={inList(projectId, row.recording_id, list)}>
                          {row.file_name}
                        </Link>
                      </Table.Td>
                      {row.error ? (
                        <Table.Td colSpan={columns.length - 2}>
                          <Text size="sm" c="var(--mantine-color-error)">
                            {notPredicted(row.error)}
                          </Text>
                        </Table.Td>
                      ) : regression ? (
                        labels.map((label, index) => (
                          <Table.Td key={label} ta="right">
                            {valueText(row.probabilities[index])}
                          </Table.Td>
                        ))
                      ) : (
                        <>
                          <Table.Td>{decided(row)}</Table.Td>
                          <Table.Td>{highest(row, labels)}</Table.Td>
                        </>
                      )}
                      <Table.Td>{row.known ? row.known.join(", ") || t`none` : ""}</Table.Td>
                      <Table.Td>
                        <SeenChip seen={row.seen} why={row.seen_text} />
                      </Table.Td>
                      <Table.Td>
                        <DicomLinks projectId={projectId} predictionId={predictionId} row={row} />
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
            <Pager
              page={page}
              size={SIZE}
              total={results.data.total}
              about={results.data.about}
              onChange={(at) => show(disagreement, at)}
              noun={t`recordings`}
            />
          </>
        )}
      </Section>
    </Paper>
  );
}

const notPredicted = (why: string) => t`Not predicted: ${why}`;

function highest(row: PredictionRow, labels: readonly string[]): string {
  const top = Math.max(...row.probabilities);
  const label = labels[row.probabilities.indexOf(top)];
  return Number.isFinite(top) ? `${percent(top)}${label ? ` ${label}` : ""}` : "";
}

function decided({ predicted, undecided = [] }: PredictionRow): string {
  const sure = predicted.filter((label) => !undecided.includes(label)).join(", ");
  const labels = undecided.join(", ");
  const open = undecided.length > 0 ? t`left open: ${labels}` : "";
  return [sure, open].filter(Boolean).join("; ") || t`none of the labels`;
}
