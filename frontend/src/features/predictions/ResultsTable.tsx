import { Paper, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { resultsQuery } from "@/api/predictions";
import type { PredictionRow } from "@/api/types";
import { Problem } from "@/components/Note";
import { Loading, Section } from "@/components/Page";
import { Pager } from "@/components/Pager";
import { percent, plain } from "@/lib/format";
import { projectPath } from "@/lib/paths";

const SIZE = 50;

type Props = { projectId: string; predictionId: string; labels: readonly string[]; regression: boolean };

/** The result for each recording, a page at a time. */
export function ResultsTable({ projectId, predictionId, labels, regression }: Props) {
  const [page, setPage] = useState(1);
  const results = useQuery(resultsQuery(projectId, predictionId, page, SIZE));
  return (
    <Paper withBorder p="md">
      <Section title="Recording by recording">
        <Problem error={results.error} title="The results cannot be shown" />
        {results.isPending && <Loading label="Loading results" />}
        {results.data && (
          <>
            <Table.ScrollContainer minWidth={420} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
              <Table className="numbers" aria-label="Results">
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>Recording</Table.Th>
                    <Table.Th colSpan={regression ? 2 : 1}>Predicted</Table.Th>
                    {!regression && <Table.Th>Highest probability</Table.Th>}
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {results.data.items.map((row) => (
                    <Table.Tr key={row.recording_id}>
                      <Table.Td>
                        <Link className="row-link" to={projectPath(projectId, "recordings", row.recording_id)}>
                          {row.file_name}
                        </Link>
                      </Table.Td>
                      {row.error ? (
                        <Table.Td colSpan={2}>
                          <Text size="sm" c="var(--mantine-color-error)">
                            Not predicted: {row.error}
                          </Text>
                        </Table.Td>
                      ) : regression ? (
                        <Table.Td colSpan={2}>{values(row, labels)}</Table.Td>
                      ) : (
                        <>
                          <Table.Td>{row.predicted.join(", ") || "none of the labels"}</Table.Td>
                          <Table.Td>{highest(row, labels)}</Table.Td>
                        </>
                      )}
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
            <Pager page={page} size={SIZE} total={results.data.total} onChange={setPage} noun="recordings" />
          </>
        )}
      </Section>
    </Paper>
  );
}

function highest(row: PredictionRow, labels: readonly string[]): string {
  const top = Math.max(...row.probabilities);
  const label = labels[row.probabilities.indexOf(top)];
  return Number.isFinite(top) ? `${percent(top, 1)}${label ? ` ${label}` : ""}` : "";
}

function values(row: PredictionRow, labels: readonly string[]): string {
  return row.probabilities.map((value, index) => `${labels[index] ?? ""} ${plain(value)}`.trim()).join(", ");
}
