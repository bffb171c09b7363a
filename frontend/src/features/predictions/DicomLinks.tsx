import { t } from "@lingui/core/macro";
import { Anchor, Group } from "@mantine/core";
import { dicomPath } from "@/api/predictions";
import type { PredictionRow } from "@/api/types";

type Props = { projectId: string; predictionId: string; row: PredictionRow };

const KINDS = [
  { kind: "sr", short: "SR", title: (file: string) => t`DICOM SR, a structured report, of ${file}` },
  { kind: "pdf", short: "PDF", title: (file: string) => t`DICOM PDF document of ${file}` },
] as const;

/** The result of a recording as files for a PACS. */
export function DicomLinks({ projectId, predictionId, row }: Props) {
  return (
    <Group gap="xs" wrap="nowrap">
      {KINDS.map(({ kind, short, title }) => (
        <Anchor
          key={kind}
          size="sm"
          underline="always"
          href={dicomPath(projectId, predictionId, row.recording_id, kind)}
          download
          aria-label={title(row.file_name)}
        >
          {short}
        </Anchor>
      ))}
    </Group>
  );
}
