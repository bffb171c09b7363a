import { t } from "@lingui/core/macro";
import { Plural, Trans } from "@lingui/react/macro";
import { Group, Select, Stack, Text } from "@mantine/core";
import type { Architecture } from "@/api/types";
import { Chip } from "@/components/Chip";
import { inOrder } from "./settings-in-effect";

type Props = { architectures: readonly Architecture[]; value: string; onChange: (name: string) => void };

/** Which architecture is trained; the recommended one stands first. */
export function ArchitectureChoice({ architectures, value, onChange }: Props) {
  const chosen = architectures.find(({ name }) => name === value);
  const parameters = chosen?.parameters ?? 0;
  const known = new Map(architectures.map((entry) => [entry.name, entry]));
  return (
    <Stack gap={6}>
      <Select
        label={t`Architecture`}
        data={inOrder(architectures).map(({ name, title, recommended }) => ({
          value: name,
          label: recommended ? t`${title} (recommended)` : title,
        }))}
        value={value}
        allowDeselect={false}
        maxDropdownHeight={420}
        onChange={(name) => name && onChange(name)}
        renderOption={({ option }) => (
          <div>
            <Text size="sm" fw={550}>
              {option.label}
            </Text>
            <Text size="xs" c="dimmed">
              {known.get(option.value)?.description}
            </Text>
          </div>
        )}
      />
      {chosen && (
        <>
          <Text size="sm">{chosen.description}</Text>
          <Group gap="xs">
            {parameters > 0 && (
              <Chip tone="calm">
                <Plural value={parameters} one="# parameter" other="# parameters" />
              </Chip>
            )}
            {chosen.takes_patient && (
              <Chip tone="calm">
                <Trans>uses age and sex where known</Trans>
              </Chip>
            )}
          </Group>
          <Text size="xs" c="dimmed">
            {chosen.reference}
          </Text>
        </>
      )}
    </Stack>
  );
}
