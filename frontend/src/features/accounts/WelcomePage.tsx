import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Stack } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useNavigate } from "react-router";
import { accountQuery, becomes, choosePassword } from "@/api/account";
import { Note } from "@/components/Note";
import { PageHead } from "@/components/Page";
import { LANGUAGE_CHANGES } from "@/language/language";
import { useTaken } from "@/lib/useTaken";
import { NewPassword } from "./NewPassword";
import { ProviderButton } from "./ProviderSignIn";

/** Where a link leads that works once: its secret stands after the #, and is taken out of the address at once. */
export function WelcomePage() {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const token = useTaken(tokenInAddress, takeTokenOut);
  useEffect(() => {
    const putBack = () => token && history.replaceState(history.state, "", `${location.pathname}#${token}`);
    window.addEventListener(LANGUAGE_CHANGES, putBack);
    return () => window.removeEventListener(LANGUAGE_CHANGES, putBack);
  }, [token]);
  const { provider, password_sign_in: hasPasswords = true } = useQuery(accountQuery()).data ?? {};
  const choose = useMutation({
    mutationFn: (password: string) => choosePassword(token, password),
    onSuccess: (account) => {
      becomes(queries, account);
      navigate("/");
    },
  });
  return (
    <Stack maw={480} mx="auto" py="xl" gap="lg">
      {hasPasswords ? (
        <PageHead title={t`Choose a password`} lead={t`With it you sign in from now on.`} />
      ) : (
        <PageHead
          title={t`Welcome`}
          lead={t`Sign in with the account of your organisation; it is connected by that.`}
        />
      )}
      {token && provider && <ProviderButton name={provider} link={token} />}
      {token ? (
        hasPasswords && <NewPassword action={choose} submit={t`Keep it and sign in`} />
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

const tokenInAddress = () => location.hash.slice(1);

const takeTokenOut = () => history.replaceState(history.state, "", location.pathname);
