import { Button, Menu, Stack } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { downloadRecording, originalPath } from "@/api/recordings";
import { systemQuery } from "@/api/system";
import { Icon } from "@/components/icons";
import { Problem } from "@/components/Note";
import { saveBlob } from "@/lib/download";

type Props = { projectId: string; recordingId: string; original: boolean };

/** The recording as a file: the one that was uploaded, where it is kept, or one in another format. */
export function DownloadMenu({ projectId, recordingId, original }: Props) {
  const system = useQuery(systemQuery());
  const download = useMutation({
    mutationFn: (format: string) => downloadRecording(projectId, recordingId, format),
    onSuccess: ({ name, blob }) => saveBlob(name, blob),
  });
  return (
    <Stack gap="xs">
      <Menu position="bottom-start" shadow="md">
        <Menu.Target>
          <Button
            variant="default"
            size="sm"
            leftSection={<Icon name="download" size={16} />}
            loading={download.isPending}
          >
            Download as …
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {original && (
            <Menu.Item component="a" href={originalPath(projectId, recordingId)} download>
              Original
            </Menu.Item>
          )}
          {system.data?.writers.map(({ name, title }) => (
            <Menu.Item key={name} onClick={() => download.mutate(name)}>
              {title}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {download.isError && <Problem error={download.error} title="Not downloaded" />}
    </Stack>
  );
}
