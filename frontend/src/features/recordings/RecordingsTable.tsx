import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Group, Table, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { Link } from "react-router";
import type { Recording } from "@/api/types";
import { Chip } from "@/components/Chip";
import { Icon } from "@/components/icons";
import { useMay } from "@/components/May";
import { inList, type RecordingList } from "@/lib/recordingList";
import { COLUMNS } from "./columns";
import { DeleteRecording } from "./DeleteRecording";
import { FindingsMark } from "./FindingsMark";
import { useOpenRecording } from "./list/useOpenRecording";
import type { SortColumn } from "./useFilter";

type Props = {
  projectId: string;
  recordings: readonly Recording[];
  list: RecordingList;
  onChange: (change: RecordingList) => void;
};

export function RecordingsTable({ projectId, recordings, list, onChange }: Props) {
  const { ahead, open } = useOpenRecording(projectId, list);
  const deletes = useMay()("delete_recording", projectId);
  const sorted: Sorted = { by: list.sort ?? "file_name", descending: list.order === "desc" };
  const sort = (column: SortColumn) =>
    onChange({ sort: column, order: sorted.by === column && !sorted.descending ? "desc" : "asc" });
  return (
    <Table.ScrollContainer minWidth={760}>
      <Table highlightOnHover aria-label={t`Recordings`} className="numbers">
        <Table.Thead>
          <Table.Tr>
            <Heading
              title={t`File name`}
              sortBy={t`Sort by file name`}
              column="file_name"
              sorted={sorted}
              onSort={sort}
            />
            {COLUMNS.map((column) => (
              <Heading
                key={column.title}
                title={column.title}
                sortBy={column.sortBy}
                column={column.sort}
                sorted={sorted}
                onSort={sort}
              />
            ))}
            <Table.Th>
              <Trans>Findings</Trans>
            </Table.Th>
            {deletes && (
              <Table.Th w={48}>
                <VisuallyHidden>
                  <Trans>Delete</Trans>
                </VisuallyHidden>
              </Table.Th>
            )}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {recordings.map((recording) => (
            <Table.Tr
              key={recording.id}
              className="clickable"
              onPointerEnter={() => ahead(recording)}
              onFocus={() => ahead(recording)}
              onClick={(event) => {
                // The link, the buttons and selected text keep their own meaning.
                // Not translated: a selector
                if ((event.target as Element).closest("a, button, [role=dialog]")) return;
                if (getSelection()?.toString()) return;
                open(event, recording);
              }}
            >
              <Table.Td>
                <Link
                  className="row-link"
                  to={inList(projectId, recording.id, list)}
                  onClick={(event) => open(event, recording)}
                >
                  {recording.file_name}
                </Link>
                {recording.missing_leads.length > 0 && (
                  <>
                    {" "}
                    <Chip tone="info">
                      <Trans>partial</Trans>
                    </Chip>
                  </>
                )}
              </Table.Td>
              {COLUMNS.map((column) => (
                <Table.Td key={column.title}>{column.text(recording)}</Table.Td>
              ))}
              <Table.Td>
                <FindingsMark findings={recording.findings} />
              </Table.Td>
              {deletes && (
                <Table.Td>
                  <DeleteRecording projectId={projectId} recording={recording} />
                </Table.Td>
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

type Sorted = { by: string; descending: boolean };
type HeadingProps = {
  title: string;
  sortBy?: string;
  column?: SortColumn;
  sorted: Sorted;
  onSort: (column: SortColumn) => void;
};

function Heading({ title, sortBy, column, sorted, onSort }: HeadingProps) {
  if (!column) return <Table.Th>{title}</Table.Th>;
  const here = sorted.by === column;
  const direction = sorted.descending ? "descending" : "ascending";
  return (
    <Table.Th aria-sort={here ? direction : "none"}>
      <UnstyledButton fw={650} fz="sm" onClick={() => onSort(column)} aria-label={sortBy}>
        <Group gap={4} wrap="nowrap">
          {title}
          {here && <Icon name={sorted.descending ? "sortDown" : "sortUp"} size={14} />}
        </Group>
      </UnstyledButton>
    </Table.Th>
  );
}
