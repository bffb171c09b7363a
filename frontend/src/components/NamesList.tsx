import { Trans } from "@lingui/react/macro";
import { Button, Group, ScrollArea, Stack, Text, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import { region } from "@/language/language";
import { saveText } from "@/lib/download";
import { Icon } from "./icons";

type Props = { title: string; names: readonly string[]; total: number; fileName: string };

/** A list that is closed at first, with a button that saves it as a text file. Nothing is shown where it is empty. */
export function NamesList({ title, names, total, fileName }: Props) {
  const [open, setOpen] = useState(false);
  if (total === 0) return null;
  const shown = names.length.toLocaleString(region());
  return (
    <Stack gap={6}>
      <UnstyledButton onClick={() => setOpen(!open)} aria-expanded={open} py={4}>
        <Group gap={6} wrap="nowrap">
          <span style={{ display: "inline-flex", transform: open ? "rotate(90deg)" : undefined }}>
            <Icon name="right" size={14} />
          </span>
          <Text size="sm" fw={550}>
            {title} ({total.toLocaleString(region())})
          </Text>
        </Group>
      </UnstyledButton>
      {open && (
        <>
          <ScrollArea.Autosize
            mah={220}
            type="auto"
            viewportProps={{ tabIndex: 0, role: "region", "aria-label": title }}
          >
            <Text size="sm" ff="monospace" style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
              {names.join("\n")}
            </Text>
          </ScrollArea.Autosize>
          {total > names.length && (
            <Text size="sm" c="dimmed">
              <Trans>The first {shown} are shown.</Trans>
            </Text>
          )}
          <div>
            <Button
              size="compact-sm"
              variant="default"
              leftSection={<Icon name="download" size={14} />}
              onClick={() => saveText(fileName, `${names.join("\n")}\n`, "text/plain")}
            >
              <Trans>Download list</Trans>
            </Button>
          </div>
        </>
      )}
    </Stack>
  );
}
