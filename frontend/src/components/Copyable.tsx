import { t } from "@lingui/core/macro";
import { Button, Code, CopyButton, Group } from "@mantine/core";

/** A command to type in a shell, with a button that copies it. */
export function Copyable({ text }: { text: string }) {
  return (
    <Group gap="xs" wrap="nowrap">
      <Code>{text}</Code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Button size="compact-xs" variant="default" onClick={copy}>
            {copied ? t`Copied` : t`Copy`}
          </Button>
        )}
      </CopyButton>
    </Group>
  );
}
