import { plural, t } from "@lingui/core/macro";
import { Radio, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { sourcesQuery } from "@/api/overview";
import type { DatasetSources, RunIn } from "@/api/types";

export type FoldsByValue = NonNullable<NonNullable<RunIn["split"]>["folds_by"]>;
type Kind = DatasetSources["kinds"][number];

const BY: Record<Kind["by"], string> = {
  device: t`By device: each is tested by a model that has learned from the other devices`,
  folder: t`By folder of the files: each is tested by a model that has learned from the other folders`,
  format: t`By file format: each is tested by a model that has learned from the other formats`,
  import: t`By import: each is tested by a model that has learned from the other imports`,
};

type Props = {
  projectId: string;
  datasetId: string;
  value: FoldsByValue;
  onChange: (value: FoldsByValue) => void;
};

/** By what the recordings are divided into folds; nothing where they all come from one source. */
export function FoldsBy({ projectId, datasetId, value, onChange }: Props) {
  const { data } = useQuery(sourcesQuery(projectId, datasetId));
  if (!data || data.kinds.length === 0) return null;
  return (
    <Radio.Group
      label={t`How the recordings are divided`}
      description={t`By source, the result says what to expect on recordings from elsewhere. By patient, it says what to expect on more recordings like these.`}
      value={value}
      onChange={(by) => onChange(by as FoldsByValue)}
    >
      <Stack gap={6} mt="xs">
        <Radio value="patient" label={t`By patient, by lot`} />
        {data.kinds.map((kind) => (
          <Radio key={kind.by} value={kind.by} label={BY[kind.by]} description={countsOf(kind)} />
        ))}
      </Stack>
    </Radio.Group>
  );
}

/** "MAC 5500: 28, ELI 250: 20; 2 small ones: 6; not known: 6". */
export function countsOf({ sources, n_small: small, n_recordings_of_small: few, n_unknown: unknown }: Kind): string {
  const shown = sources.slice(0, 8).map(({ name, n }) => `${name}: ${n}`);
  const more = sources.length - shown.length;
  const texts = [shown.join(", ")];
  if (more > 0) texts.push(plural(more, { one: "# more source", other: "# more sources" }));
  if (small > 0) {
    const recordings = plural(few, { one: "# recording", other: "# recordings" });
    texts.push(
      plural(small, {
        one: `# source of too few patients to be tested alone (${recordings})`,
        other: `# sources of too few patients to be tested alone (${recordings})`,
      }),
    );
  }
  if (unknown > 0)
    texts.push(
      plural(unknown, {
        one: "# recording whose source is not known, in no fold",
        other: "# recordings whose source is not known, in no fold",
      }),
    );
  return texts.join("; ");
}
