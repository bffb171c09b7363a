import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { systemQuery } from "@/api/system";
import type { Run, TrainingSetting } from "@/api/types";
import { Facts } from "@/components/Facts";
import { Section } from "@/components/Page";
import { SplitCounts } from "@/components/SplitCounts";
import { plain } from "@/lib/format";
import { flatten } from "./settings-in-effect";

/** What the training was asked to do; closed at first. */
export function RunSettings({ run }: { run: Run }) {
  const settings = run.settings as Record<string, Record<string, unknown> | undefined>;
  const system = useQuery(systemQuery());
  const training = flatten(settings.training ?? {});
  return (
    <Stack gap="sm">
      <SplitCounts facts={run.facts} noun={run.facts.task === "regression" ? "Value" : "Label"} />
      <details>
        <summary>All training settings</summary>
        <Stack mt="sm">
          <Section title="Settings">
            <Facts
              facts={[
                ["Architecture", plain(run.architecture)],
                ["Preprocessing", plain(settings.preprocessing?.preset)],
                ["Tested by", plain(settings.split?.method ?? "holdout")],
                ["Split", plain(settings.split?.kind)],
                ...training.map(([name, value]) =>
                  factOf(
                    name,
                    value,
                    system.data?.training_settings.find((setting) => setting.name === name),
                  ),
                ),
              ]}
            />
          </Section>
        </Stack>
      </details>
    </Stack>
  );
}

function factOf(name: string, value: unknown, setting: TrainingSetting | undefined): [string, string] {
  const choice = setting?.choices.find((choice) => choice.value === value);
  const automatic = value === null ? setting?.automatic : null;
  return [setting?.title ?? plain(name), choice?.title ?? automatic ?? plain(value)];
}
