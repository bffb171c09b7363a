import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Stack } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useNavigate } from "react-router";
import { becomes, choosePassword } from "@/api/account";
import { Note } from "@/components/Note";
import { PageHead } from "@/components/Page";
import { LANGUAGE_CHANGES } from "@/language/language";
import { NewPassword } from "./NewPassword";

/** Where a link leads that works once: its secret stands after the #, and is taken out of the address at once. */
export function WelcomePage() {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [token] = useState(takeToken);
  useEffect(() => {
    const putBack = () => token && history.replaceState(history.state, "", `${location.pathname}#${token}`);
    window.addEventListener(LANGUAGE_CHANGES, putBack);
    return () => window.removeEventListener(LANGUAGE_CHANGES, putBack);
  }, [token]);
  const choose = useMutation({
    mutationFn: (password: string) => choosePassword(token, password),
    onSuccess: (account) => {
      becomes(queries, account);
      navigate("/");
    },
  });
  return (
    <Stack maw={480} mx="auto" py="xl" gap="lg">
      <PageHead title={t`Choose a password`} lead={t`With it you sign in from now on.`} />
      {token ? (
        <NewPassword action={choose} submit={t`Keep it and sign in`} />
      ) : (
        <Note tone="bad" alert>
          <Trans>
            This address lacks the part after the #. Open the link as you were given it, or ask an admin for a new one.
          </Trans>
        </Note>
      )}
    </Stack>
  );
}

function takeToken(): string {
  const token = location.hash.slice(1);
  if (token) history.replaceState(history.state, "", location.pathname);
  return token;
}
