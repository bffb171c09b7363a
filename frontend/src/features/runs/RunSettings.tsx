import { Stack } from "@mantine/core";
import type { Run } from "@/api/types";
import { Facts } from "@/components/Facts";
import { Section } from "@/components/Page";
import { SplitCounts } from "@/components/SplitCounts";
import { plain } from "@/lib/format";
import { SETTINGS } from "./settings";
import { flatten } from "./suits";

/** What the training was asked to do; closed at first. */
export function RunSettings({ run }: { run: Run }) {
  const settings = run.settings as Record<string, Record<string, unknown> | undefined>;
  const training = flatten(settings.training ?? {});
  return (
    <Stack gap="sm">
      <SplitCounts facts={run.facts} noun={run.facts.task === "regression" ? "Value" : "Label"} />
      <details>
        <summary>Settings of this training</summary>
        <Stack mt="sm">
          <Section title="Settings">
            <Facts
              facts={[
                ["Architecture", plain(run.architecture)],
                ["Preprocessing", plain(settings.preprocessing?.preset)],
                ["Split", plain(settings.split?.kind)],
                ...training.map(
                  ([path, value]) => [SETTINGS[path]?.title ?? plain(path), inWords(path, value)] as const,
                ),
              ]}
            />
          </Section>
        </Stack>
      </details>
    </Stack>
  );
}

function inWords(path: string, value: unknown): string {
  return (typeof value === "string" && SETTINGS[path]?.choices?.[value]) || plain(value);
}
