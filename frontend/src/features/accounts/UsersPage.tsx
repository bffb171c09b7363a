import { t } from "@lingui/core/macro";
import { Plural, Trans } from "@lingui/react/macro";
import { Button, Checkbox, Group, Paper, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { accountQuery, addUser, changeUser, newUserLink, usersQuery } from "@/api/account";
import type { User } from "@/api/types";
import { Chip } from "@/components/Chip";
import { Copyable } from "@/components/Copyable";
import { Icon } from "@/components/icons";
import { NameDialog } from "@/components/NameDialog";
import { Note, Problem } from "@/components/Note";
import { Loading, PageHead } from "@/components/Page";
import { roleName } from "@/components/roles";
import { dateTime } from "@/lib/format";
import { UserIdentities } from "./Identities";
import { LocalMode } from "./LocalMode";

type Link = { name: string; path: string; days: number };

/** Who may sign in, for admins of the installation. */
export function UsersPage() {
  const account = useQuery(accountQuery()).data;
  const users = useQuery({ ...usersQuery(), enabled: account?.mode === "server" });
  const queries = useQueryClient();
  const [adding, setAdding] = useState(false);
  const [link, setLink] = useState<Link | null>(null);
  const refresh = () => void queries.invalidateQueries(usersQuery());
  if (account?.mode === "local") return <LocalMode title={t`Users`} />;
  return (
    <Stack gap="lg">
      <PageHead
        title={t`Users`}
        lead={t`Everybody who may sign in. What somebody may do in a project is said there, under Access and privacy.`}
        actions={
          account?.is_admin && (
            <Button leftSection={<Icon name="plus" />} onClick={() => setAdding(true)}>
              <Trans>Add a user</Trans>
            </Button>
          )
        }
      />
      <AddUser open={adding} onClose={() => setAdding(false)} onLink={setLink} onDone={refresh} />
      {link && <NewLink link={link} />}
      <Problem error={users.error} title={t`The users cannot be shown`} />
      {users.isLoading && <Loading label={t`Loading users`} />}
      {users.data && (
        <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: "none" }} aria-label={t`Users`}>
          {users.data.map((user) => (
            <UserRow key={user.id} user={user} onLink={setLink} onDone={refresh} />
          ))}
        </Stack>
      )}
    </Stack>
  );
}

function NewLink({ link: { name, path, days } }: { link: Link }) {
  return (
    <Note tone="good" title={t`Hand this link over to ${name}`} alert>
      <Copyable text={`${location.origin}${path}`} />
      <Text size="sm">
        <Plural
          value={days}
          one="With it a password is chosen, once, within # days. Whoever has the link can do that."
          other="With it a password is chosen, once, within # days. Whoever has the link can do that."
        />
      </Text>
    </Note>
  );
}

type RowProps = { user: User; onLink: (link: Link) => void; onDone: () => void };

function UserRow({ user, onLink, onDone }: RowProps) {
  const change = useMutation({
    mutationFn: (body: { is_admin?: boolean; disabled?: boolean }) => changeUser(user.id, body),
    onSuccess: onDone,
  });
  const link = useMutation({
    mutationFn: () => newUserLink(user.id),
    onSuccess: (made) => onLink({ name: user.name, ...made }),
  });
  const last = user.last_login_at ? dateTime(user.last_login_at) : "";
  const provider = useQuery(accountQuery()).data?.provider;
  const isOut = user.disabled_at !== null;
  return (
    <Paper component="li" withBorder p="md">
      <Stack gap={6}>
        <Group gap="xs">
          <Text fw={600} style={{ overflowWrap: "anywhere" }}>
            {user.name}
          </Text>
          {user.is_admin && <Chip tone="info">{roleName("admin")}</Chip>}
          {isOut && <Chip tone="bad">{t`shut out`}</Chip>}
          {!user.has_password && user.n_identities === 0 && <Chip tone="warn">{t`no way in yet`}</Chip>}
        </Group>
        <Text size="sm" c="dimmed">
          {last ? t`last signed in ${last}` : t`has never signed in`}
        </Text>
        <Group gap="xs">
          <Button size="xs" variant="default" disabled={isOut} onClick={() => link.mutate()}>
            <Trans>New link</Trans>
          </Button>
          <Button size="xs" variant="default" onClick={() => change.mutate({ is_admin: !user.is_admin })}>
            {user.is_admin ? t`No admin any more` : t`Make admin`}
          </Button>
          <Button size="xs" variant="default" onClick={() => change.mutate({ disabled: !isOut })}>
            {isOut ? t`Let in again` : t`Shut out`}
          </Button>
          {provider && <UserIdentities user={user} provider={provider} />}
        </Group>
        <Problem error={change.error ?? link.error} />
      </Stack>
    </Paper>
  );
}

type AddProps = { open: boolean; onClose: () => void; onLink: (link: Link) => void; onDone: () => void };

function AddUser({ open, onClose, onLink, onDone }: AddProps) {
  const [name, setName] = useState("");
  const [admin, setAdmin] = useState(false);
  const add = useMutation({
    mutationFn: () => addUser(name, admin),
    onSuccess: ({ user, link }) => {
      onLink({ name: user.name, ...link });
      onClose();
      onDone();
      setName("");
      setAdmin(false);
    },
  });
  return (
    <NameDialog
      title={t`Add a user`}
      opened={open}
      onClose={onClose}
      name={name}
      onName={setName}
      action={add}
      submit={t`Add user`}
    >
      <Checkbox
        label={t`Admin of the installation`}
        description={t`Manages users and exchanges, reads the audit log, and is admin in every project.`}
        checked={admin}
        onChange={(event) => setAdmin(event.currentTarget.checked)}
      />
    </NameDialog>
  );
}
