import { t } from "@lingui/core/macro";
import { Group, Paper, Stack, Text } from "@mantine/core";
import { Link } from "react-router";
import type { Recording } from "@/api/types";
import { inList, type RecordingList } from "@/lib/recordingList";
import { COLUMNS } from "./columns";
import { DeleteRecording } from "./DeleteRecording";
import { FindingsMark } from "./FindingsMark";
import { useOpenRecording } from "./list/useOpenRecording";

type Props = { projectId: string; recordings: readonly Recording[]; list: RecordingList };

/** The recordings on a narrow screen. */
export function RecordingCards({ projectId, recordings, list }: Props) {
  const { open } = useOpenRecording(projectId, list);
  return (
    <Stack component="ul" gap="xs" p={0} m={0} style={{ listStyle: "none" }} aria-label={t`Recordings`}>
      {recordings.map((recording) => (
        <Paper key={recording.id} component="li" withBorder p="sm">
          <Group justify="space-between" wrap="nowrap" align="flex-start">
            <Link
              className="row-link"
              to={inList(projectId, recording.id, list)}
              onClick={(event) => open(event, recording)}
              style={{ minWidth: 0, padding: "4px 0" }}
            >
              {recording.file_name}
            </Link>
            <Group gap={4} wrap="nowrap">
              <FindingsMark findings={recording.findings} />
              <DeleteRecording projectId={projectId} recording={recording} />
            </Group>
          </Group>
          <Text size="sm" c="dimmed">
            {COLUMNS.map((column) => column.text(recording))
              .filter(Boolean)
              .join(" · ")}
          </Text>
        </Paper>
      ))}
    </Stack>
  );
}
