import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Stack, Text } from "@mantine/core";
import type { ExplanationMap } from "@/api/types";
import { Facts } from "@/components/Facts";
import { Note } from "@/components/Note";
import { fixed } from "@/lib/format";

/** How the map compares with those of networks with random weights; where it is no evidence, this stands in its place. */
export function ControlNote({ map }: { map: ExplanationMap }) {
  const { control } = map;
  const { n_networks: nNetworks, n_as_strong: nAsStrong } = control;
  const compared = nNetworks > 0;
  return (
    <Stack gap="sm">
      <Note
        tone={control.evidence ? "good" : "warn"}
        title={control.evidence ? t`The map passes its control` : t`The map is not shown: it fails its control`}
      >
        {control.text}
      </Note>
      {compared && (
        <Facts
          facts={[
            [t`This network stands out by`, `${fixed(control.stands_out ?? 0, 1)} SD`],
            [t`The strongest random network`, `${fixed(control.strongest ?? 0, 1)} SD`],
            [t`Random networks as strong`, t`${nAsStrong} of ${nNetworks}`],
          ]}
        />
      )}
      {compared && (
        <Text size="xs" c="dimmed">
          <Trans>
            The control: the same network with its weights drawn anew, {nNetworks} times, is asked the same. What such a
            network shows too comes from its build, not from what it has learned.
          </Trans>
        </Text>
      )}
    </Stack>
  );
}
