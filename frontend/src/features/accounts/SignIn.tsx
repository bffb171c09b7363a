import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { becomes, signIn } from "@/api/account";
import { Problem } from "@/components/Note";
import { PageHead } from "@/components/Page";

/** Stands in place of every page while nobody has signed in. */
export function SignIn() {
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const enter = useMutation({
    mutationFn: () => signIn(name, password),
    onSuccess: (account) => becomes(queries, account),
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    enter.mutate();
  };
  return (
    <Stack maw={420} mx="auto" py="xl" gap="lg">
      <PageHead title={t`Sign in`} />
      <form onSubmit={onSubmit}>
        <Stack>
          <TextInput
            label={t`Name`}
            required
            autoComplete="username"
            maxLength={200}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <PasswordInput
            label={t`Password`}
            required
            autoComplete="current-password"
            maxLength={1000}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <Problem error={enter.error} />
          <Button type="submit" loading={enter.isPending}>
            <Trans>Sign in</Trans>
          </Button>
        </Stack>
      </form>
      <Text size="sm" c="dimmed">
        <Trans>No account, or no password any more? An admin can make you a link with which you choose one.</Trans>
      </Text>
    </Stack>
  );
}
