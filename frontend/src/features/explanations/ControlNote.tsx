import { Stack, Text } from "@mantine/core";
import type { ExplanationMap } from "@/api/types";
import { Facts } from "@/components/Facts";
import { Note } from "@/components/Note";

/** How the map compares with those of networks with random weights; where it is no evidence, this stands in its place. */
export function ControlNote({ map }: { map: ExplanationMap }) {
  const { control } = map;
  const compared = control.n_networks > 0;
  return (
    <Stack gap="sm">
      <Note
        tone={control.evidence ? "good" : "warn"}
        title={control.evidence ? "The map passes its control" : "The map is not shown: it fails its control"}
      >
        {control.text}
      </Note>
      {compared && (
        <Facts
          facts={[
            ["This network stands out by", `${(control.stands_out ?? 0).toFixed(1)} SD`],
            ["The strongest random network", `${(control.strongest ?? 0).toFixed(1)} SD`],
            ["Random networks as strong", `${control.n_as_strong} of ${control.n_networks}`],
          ]}
        />
      )}
      {compared && (
        <Text size="xs" c="dimmed">
          The control: the same network with its weights drawn anew, {control.n_networks} times, is asked the same. What
          such a network shows too comes from its build, not from what it has learned.
        </Text>
      )}
    </Stack>
  );
}
