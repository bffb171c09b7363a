import { Paper, PasswordInput, Stack } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ACCOUNT, accountQuery, changePassword } from "@/api/account";
import { Note } from "@/components/Note";
import { PageHead, Section } from "@/components/Page";
import { ApiKeys } from "./ApiKeys";
import { OwnIdentities } from "./Identities";
import { LocalMode } from "./LocalMode";
import { NewPassword } from "./NewPassword";

/** One's own account: the password, and the keys of programs. */
export function AccountPage() {
  const account = useQuery(accountQuery());
  if (account.data?.mode === "local") return <LocalMode title="Your account" />;
  return (
    <Stack gap="lg">
      <PageHead title="Your account" lead={account.data && `You are signed in as ${account.data.name}.`} />
      <ApiKeys />
      {account.data?.provider && <OwnIdentities provider={account.data.provider} />}
      {account.data?.password_sign_in !== false && <Password />}
    </Stack>
  );
}

function Password() {
  const queries = useQueryClient();
  const [present, setPresent] = useState("");
  const change = useMutation({
    mutationFn: (next: string) => changePassword(present, next),
    onSuccess: (account) => queries.setQueryData(ACCOUNT, account),
  });
  return (
    <Paper withBorder p="md" maw={520}>
      <Section title="Password">
        <NewPassword action={change} submit="Change password">
          <PasswordInput
            label="Present password"
            required
            autoComplete="current-password"
            maxLength={1000}
            value={present}
            onChange={(event) => setPresent(event.currentTarget.value)}
          />
        </NewPassword>
        {change.isSuccess && (
          <Note tone="good" alert>
            Your password has been changed. All other sessions have ended.
          </Note>
        )}
      </Section>
    </Paper>
  );
}
