import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Menu } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { recordingsQuery } from "@/api/recordings";
import type { Recording } from "@/api/types";
import { dateTime } from "@/lib/format";

export type Comparison = { other: Recording; how: "overlaid" | "beside" };

type Props = {
  projectId: string;
  recording: Recording;
  comparison: Comparison | null;
  onChange: (comparison: Comparison | null) => void;
};

const MOST = 20;

/** Offers the other recordings of the same patient, the one before this first, to lie under it or stand beside it. */
export function Compare({ projectId, recording, comparison, onChange }: Props) {
  const patient = recording.patient_id ?? "";
  const found = useQuery({
    ...recordingsQuery(projectId, { patient_id: patient, sort: "recorded_at", order: "desc", page: 1, size: MOST }),
    enabled: patient !== "",
  });
  const others = nearestFirst(recording, found.data?.items ?? []);
  if (patient === "" || others.length === 0) return null;
  return (
    <Menu position="bottom-start" shadow="md">
      <Menu.Target>
        <Button size="sm" variant={comparison ? "filled" : "default"}>
          {comparison ? t`With ${{ other: when(comparison.other) }}` : t`Compare …`}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {comparison && (
          <Menu.Item onClick={() => onChange(null)}>
            <Trans>This recording alone</Trans>
          </Menu.Item>
        )}
        {(["overlaid", "beside"] as const).map((how) => (
          <div key={how}>
            <Menu.Label>{how === "overlaid" ? t`Laid over each other` : t`One below the other`}</Menu.Label>
            {others.map((other) => (
              <Menu.Item key={other.id} onClick={() => onChange({ other, how })}>
                {isEarlier(other, recording) ? t`${{ other: when(other) }} (earlier)` : when(other)}
              </Menu.Item>
            ))}
          </div>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

export function when(recording: Recording): string {
  return recording.recorded_at ? dateTime(recording.recorded_at) : recording.file_name;
}

/** The other recordings, the one before this first and so backwards in time, then those after it. */
export function nearestFirst(recording: Recording, all: readonly Recording[]): Recording[] {
  const others = all.filter(({ id }) => id !== recording.id);
  const earlier = others.filter((other) => isEarlier(other, recording));
  return [...earlier, ...others.filter((other) => !earlier.includes(other))];
}

function isEarlier(other: Recording, recording: Recording): boolean {
  return !!other.recorded_at && !!recording.recorded_at && other.recorded_at < recording.recorded_at;
}
