import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Accordion, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import type { Architecture } from "@/api/types";
import { ArchitectureOptions } from "@/components/ArchitectureOptions";
import type { RunForm, ShownSetting } from "./form";
import { SettingInput } from "./SettingInput";
import { GROUPS, groupOf } from "./settings";

type Props = {
  form: RunForm;
  settings: readonly ShownSetting[];
  /** The architecture whose options are asked for; none where the base model decides. */
  architecture: Architecture | undefined;
  onChange: (change: Partial<RunForm>) => void;
};

/** All that most trainings leave as it is; only what has an effect as things stand. */
export function AdvancedSettings({ form, settings, architecture, onChange }: Props) {
  return (
    <Accordion variant="contained" chevronPosition="left" order={2}>
      <Accordion.Item value="advanced">
        <Accordion.Control>
          <Trans>Advanced settings</Trans>
        </Accordion.Control>
        <Accordion.Panel>
          <Stack gap="lg">
            <Text size="sm" c="dimmed">
              <Trans>
                Leave a field empty to let the platform choose the value from your data. Settings that have no effect on
                this training are not shown.
              </Trans>
            </Text>
            {architecture && architecture.options.length > 0 && (
              <SettingGroup title={architectureHeading(architecture)}>
                <ArchitectureOptions
                  architecture={architecture}
                  value={form.options}
                  onChange={(options) => onChange({ options })}
                />
              </SettingGroup>
            )}
            {GROUPS.map((title) => ({ title, own: settings.filter(({ setting }) => groupOf(setting.name) === title) }))
              .filter(({ own }) => own.length > 0)
              .map(({ title, own }) => (
                <SettingGroup key={title} title={title}>
                  {own.map((shown) => (
                    <SettingInput
                      key={shown.setting.name}
                      shown={shown}
                      onChange={(value) => onChange({ training: { ...form.training, [shown.setting.name]: value } })}
                    />
                  ))}
                </SettingGroup>
              ))}
          </Stack>
        </Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  );
}

function architectureHeading({ title }: Architecture): string {
  return t`Architecture: ${title}`;
}

function SettingGroup({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Stack component="section" gap="sm" aria-label={title}>
      <Title order={3} size="h5">
        {title}
      </Title>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>{children}</SimpleGrid>
    </Stack>
  );
}
