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
      const elsewhere = account?.by_provider ? await signOutAtProvider() : "";
      if (elsewhere) window.location.assign(elsewhere);
      return signOut();
    },
    onSuccess: (account) => becomes(queries, account),
  });
  if (account?.mode !== "server" || !account.signed_in) return null;
  const item = (to: string, text: string) => (
    <Menu.Item renderRoot={(props) => <Link to={to} {...props} />}>{text}</Menu.Item>
  );
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Button variant="default" maw="min(220px, 36vw)" aria-label={`Signed in as ${account.name}`}>
          {account.name}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Signed in as {account.name}</Menu.Label>
        {item("/account", "Password and API keys")}
        {account.is_admin && item("/users", "Users")}
        {account.is_admin && item("/audit", "Audit log")}
        <Menu.Divider />
        <Menu.Item onClick={() => leave.mutate()}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
