import { t } from "@lingui/core/macro";
import { ActionIcon, Popover, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Icon } from "./icons";

/** A question mark that explains `about` in plain words when it is pressed. */
export function Help({ about, children }: { about: string; children: ReactNode }) {
  return (
    <Popover width={320} position="bottom" withArrow shadow="md">
      <Popover.Target>
        <ActionIcon variant="subtle" size="sm" radius="xl" aria-label={t`What is ${about}?`}>
          <Icon name="help" size={16} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <Text size="sm" component="div">
          {children}
        </Text>
      </Popover.Dropdown>
    </Popover>
  );
}
