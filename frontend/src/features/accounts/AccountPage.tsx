import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
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
  const name = account.data?.name;
  if (account.data?.mode === "local") return <LocalMode title={t`Your account`} />;
  return (
    <Stack gap="lg">
      <PageHead title={t`Your account`} lead={name && t`You are signed in as ${name}.`} />
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
      <Section title={t`Password`}>
        <NewPassword action={change} submit={t`Change password`}>
          <PasswordInput
            label={t`Present password`}
            required
            autoComplete="current-password"
            maxLength={1000}
            value={present}
            onChange={(event) => setPresent(event.currentTarget.value)}
          />
        </NewPassword>
        {change.isSuccess && (
          <Note tone="good" alert>
            <Trans>Your password has been changed. All other sessions have ended.</Trans>
          </Note>
        )}
      </Section>
    </Paper>
  );
}
