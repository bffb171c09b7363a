import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Menu, Stack } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type Drawing, downloadRecording, drawRecording, originalPath } from "@/api/recordings";
import { systemQuery } from "@/api/system";
import { Icon } from "@/components/icons";
import { Problem } from "@/components/Note";
import { saveBlob } from "@/lib/download";
import { drawnAs, useView } from "./viewer/view";

const DRAWINGS: readonly { format: Drawing["format"]; title: string }[] = [
  // Not translated: a file format
  { format: "pdf", title: "PDF" },
  // Not translated: a file format
  { format: "svg", title: "SVG" },
  { format: "png", title: t`PNG (picture)` },
];
/** Countries whose paper is Letter. */
const LETTER = /-(US|CA|MX|PH|CL|CO)$/;

type Props = { projectId: string; recordingId: string; original: boolean };

/** The recording as a file: the one that was uploaded, where it is kept, or one in another format. */
export function DownloadMenu({ projectId, recordingId, original }: Props) {
  const system = useQuery(systemQuery());
  const download = useMutation({
    mutationFn: (format: string) => downloadRecording(projectId, recordingId, format),
    onSuccess: ({ name, blob }) => saveBlob(name, blob),
  });
  const [view] = useView();
  const drawing = useMutation({
    mutationFn: (format: Drawing["format"]) => {
      const layout = view.layout ?? "3x4+1";
      const orientation = layout === "12x1" ? "portrait" : "landscape"; // twelve rows are too high for a sheet that lies
      const paper = LETTER.test(navigator.language) ? "letter" : "a4";
      return drawRecording(projectId, recordingId, { format, ...drawnAs(view), layout, paper, orientation });
    },
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
            loading={download.isPending || drawing.isPending}
          >
            <Trans>Download as …</Trans>
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {original && (
            <Menu.Item component="a" href={originalPath(projectId, recordingId)} download>
              <Trans>Original</Trans>
            </Menu.Item>
          )}
          {system.data?.writers.map(({ name, title }) => (
            <Menu.Item key={name} onClick={() => download.mutate(name)}>
              {title}
            </Menu.Item>
          ))}
          <Menu.Label>
            <Trans>On ECG paper, true to scale</Trans>
          </Menu.Label>
          {DRAWINGS.map(({ format, title }) => (
            <Menu.Item key={format} onClick={() => drawing.mutate(format)}>
              {title}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {drawing.isError && <Problem error={drawing.error} title={t`Not drawn`} />}
      {download.isError && <Problem error={download.error} title={t`Not downloaded`} />}
    </Stack>
  );
}
