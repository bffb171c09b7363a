import { t } from "@lingui/core/macro";
import { Button, Menu } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "react-router";
import { becomes, signOut } from "@/api/account";
import { signOutAtProvider } from "@/api/provider";
import type { Account } from "@/api/types";

/** Who is signed in, and what only they are concerned with. Nothing where nobody has to sign in. */
export function AccountMenu({ account }: { account: Account | undefined }) {
  const queries = useQueryClient();
  const leave = useMutation({
    mutationFn: async () => {
      const { removals } = await import("@/api/removals");
      await removals.leave(); // afterwards nothing may be deleted any more
      const elsewhere = account?.by_provider ? await signOutAtProvider() : "";
      if (elsewhere) window.location.assign(elsewhere);
      return signOut();
    },
    onSuccess: (account) => becomes(queries, account),
  });
  if (account?.mode !== "server" || !account.signed_in) return null;
  const { name } = account;
  const item = (to: string, text: string) => (
    <Menu.Item renderRoot={(props) => <Link to={to} {...props} />}>{text}</Menu.Item>
  );
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Button
          variant="default"
          px={10}
          maw="min(220px, 21vw)"
          style={{ flexShrink: 0 }}
          styles={{ label: { display: "block", height: "auto", textOverflow: "ellipsis" } }}
          aria-label={t`Signed in as ${name}`}
        >
          {name}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t`Signed in as ${name}`}</Menu.Label>
        {item("/account", t`Password and API keys`)}
        {account.is_admin && item("/users", t`Users`)}
        {account.is_admin && item("/audit", t`Audit log`)}
        <Menu.Divider />
        <Menu.Item onClick={() => leave.mutate()}>{t`Sign out`}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
