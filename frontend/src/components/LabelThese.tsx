import { Trans } from "@lingui/react/macro";
import { Button, Menu } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { labelSetsQuery } from "@/api/annotations";
import { projectPath } from "@/lib/paths";
import { listAddress, type RecordingList } from "@/lib/recordingList";

type Props = {
  projectId: string;
  list: RecordingList;
  /** The recording of it that one is looking at, to begin with. */
  first?: string;
  size?: "xs" | "sm";
};

/** The way from a list of recordings, such as those a model takes for something else, to labelling just these. */
export function LabelThese({ projectId, list, first, size = "sm" }: Props) {
  const sets = useQuery(labelSetsQuery(projectId, "")).data ?? []; // nothing for who may not label
  if (sets.length === 0) return null;
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Button variant="default" size={size}>
          <Trans>Label these</Trans>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Trans>With the labels of</Trans>
        </Menu.Label>
        {sets.map((set) => (
          <Menu.Item
            key={set.id}
            renderRoot={(props) => (
              <Link
                to={`${projectPath(projectId, "labels", set.id, "read")}${listAddress(list, first ? { recording: first } : {})}`}
                {...props}
              />
            )}
          >
            {set.name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
