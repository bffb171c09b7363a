import { Button, Grid, Group, Stack } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useCallback, useEffect } from "react";
import { useNavigate } from "react-router";
import { projectQuery } from "@/api/projects";
import { recordingQuery, signalQuery } from "@/api/recordings";
import { CannotShow } from "@/components/CannotShow";
import { Icon } from "@/components/icons";
import { Notes } from "@/components/Note";
import { Loading, PageHead } from "@/components/Page";
import { projectPath } from "@/lib/paths";
import { DeleteRecording } from "./DeleteRecording";
import { DownloadMenu } from "./DownloadMenu";
import { MeasurementsSection } from "./MeasurementsSection";
import { RecordingFacts } from "./RecordingFacts";
import { Tracing } from "./viewer/Tracing";

type Props = { projectId: string; recordingId: string; aside: ReactNode };

/** One recording: the tracing, what is known of it, and `aside` beside it. */
export function RecordingPage({ projectId, recordingId, aside }: Props) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const recording = useQuery(recordingQuery(projectId, recordingId));
  const project = useQuery(projectQuery(projectId));
  const base = projectPath(projectId, "recordings");
  const open = useCallback((id: string) => navigate(`${base}/${encodeURIComponent(id)}`), [navigate, base]);
  const nextId = recording.data?.next_id;

  // Going through recordings one by one should not wait.
  useEffect(() => {
    if (!nextId) return;
    void queries.prefetchQuery(recordingQuery(projectId, nextId));
    void queries.prefetchQuery(signalQuery(projectId, nextId, null));
  }, [queries, projectId, nextId]);

  if (recording.isPending) return <Loading lines={10} label="Loading recording" />;
  if (recording.isError) return <CannotShow title="The recording cannot be shown" error={recording.error} />;
  const data = recording.data;
  return (
    <Stack gap="md">
      <PageHead
        title={data.file_name}
        actions={
          <Group gap="xs">
            <Neighbour to={data.previous_id} onOpen={open} icon="left" label="Previous recording" />
            <Neighbour to={data.next_id} onOpen={open} icon="right" label="Next recording" />
          </Group>
        }
      />
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, lg: 9 }}>
          <Stack gap="md">
            <Notes tone="warn" title="Please check" notes={data.findings.map((finding) => finding.message)} />
            <Tracing key={recordingId} projectId={projectId} recording={data} onNeighbour={open} />
            <MeasurementsSection projectId={projectId} recording={data} />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 3 }}>
          <Stack gap="lg">
            {aside}
            <RecordingFacts recording={data} />
            <Group gap="xs">
              <DownloadMenu
                projectId={projectId}
                recordingId={recordingId}
                original={project.data?.keep_originals ?? false}
              />
              <DeleteRecording
                projectId={projectId}
                recording={data}
                iconOnly={false}
                onDone={() => navigate(base, { replace: true })}
              />
            </Group>
          </Stack>
        </Grid.Col>
      </Grid>
    </Stack>
  );
}

type NeighbourProps = {
  to: string | null | undefined;
  onOpen: (id: string) => void;
  icon: "left" | "right";
  label: string;
};

function Neighbour({ to, onOpen, icon, label }: NeighbourProps) {
  return (
    <Button variant="default" size="sm" aria-label={label} disabled={!to} onClick={() => to && onOpen(to)}>
      <Icon name={icon} />
    </Button>
  );
}
