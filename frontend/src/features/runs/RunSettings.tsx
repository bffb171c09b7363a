import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { systemQuery } from "@/api/system";
import type { Run, TrainingSetting } from "@/api/types";
import { Facts } from "@/components/Facts";
import { Section } from "@/components/Page";
import { SplitCounts } from "@/components/SplitCounts";
import { plain } from "@/lib/format";
import { flatten } from "./settings-in-effect";

const SPLITS: Record<string, string> = {
  auto: t`auto`,
  holdout: t`holdout`,
  cross_validation: t`cross validation`,
  random: t`random`,
  column: t`column`,
};

/** What the training was asked to do; closed at first. */
export function RunSettings({ run }: { run: Run }) {
  const settings = run.settings as Record<string, Record<string, unknown> | undefined>;
  const system = useQuery(systemQuery());
  const training = flatten(settings.training ?? {});
  return (
    <Stack gap="sm">
      <SplitCounts facts={run.facts} noun={run.facts.task === "regression" ? t`Value` : t`Label`} />
      <details>
        <summary>
          <Trans>All training settings</Trans>
        </summary>
        <Stack mt="sm">
          <Section title={t`Settings`}>
            <Facts
              facts={[
                [t`Architecture`, plain(run.architecture)],
                [t`Preprocessing`, plain(settings.preprocessing?.preset)],
                [t`Tested by`, splitText(settings.split?.method ?? "holdout")],
                [t`Split`, splitText(settings.split?.kind)],
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

/** How the recordings were divided, in the words of the settings that were stored. */
function splitText(value: unknown): string {
  return SPLITS[String(value)] ?? plain(value);
}

function factOf(name: string, value: unknown, setting: TrainingSetting | undefined): [string, string] {
  const choice = setting?.choices.find((choice) => choice.value === value);
  const automatic = value === null ? setting?.automatic : null;
  return [setting?.title ?? plain(name), choice?.title ?? automatic ?? plain(value)];
}
