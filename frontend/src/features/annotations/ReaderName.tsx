import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Paper, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useReader } from "./reader";

/** Asks who reads, before anything is labelled. */
export function AskReader() {
  const [name, setName] = useReader();
  const [typed, setTyped] = useState(name);
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    setName(typed);
  };
  return (
    <Paper withBorder p="md" maw={560}>
      <form onSubmit={onSubmit}>
        <Stack gap="sm">
          <TextInput
            label={t`Who reads?`}
            description={t`Your name is kept with each label, so that readers can be told apart. It is not checked.`}
            required
            maxLength={200}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            data-autofocus
          />
          <Group>
            <Button type="submit" disabled={typed.trim() === ""}>
              <Trans>Start reading</Trans>
            </Button>
          </Group>
        </Stack>
      </form>
    </Paper>
  );
}

/** Who reads now, and a way to let somebody else. */
export function ReaderName() {
  const [name, setName, isOfAccount] = useReader();
  return (
    <Group gap={6} wrap="nowrap">
      <Text size="sm" style={{ overflowWrap: "anywhere" }}>
        <Trans>
          Read by <b>{name}</b>
        </Trans>
      </Text>
      {!isOfAccount && (
        <Button size="compact-sm" variant="subtle" onClick={() => setName("")}>
          <Trans>Change reader</Trans>
        </Button>
      )}
    </Group>
  );
}
