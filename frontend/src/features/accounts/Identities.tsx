import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Modal, Paper, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { usersQuery } from "@/api/account";
import {
  addUserIdentity,
  joinIdentity,
  ownIdentitiesQuery,
  removeOwnIdentity,
  removeUserIdentity,
  userIdentitiesQuery,
} from "@/api/provider";
import type { Identity, User } from "@/api/types";
import { ConfirmButton } from "@/components/ConfirmButton";
import { Problem } from "@/components/Note";
import { Loading, Section } from "@/components/Page";
import { dateTime } from "@/lib/format";
import { ProviderProblem } from "./ProviderSignIn";

/** The accounts at the organisation's sign-in service by which one signs in here. */
export function OwnIdentities({ provider }: { provider: string }) {
  const queries = useQueryClient();
  const identities = useQuery(ownIdentitiesQuery());
  const join = useMutation({ mutationFn: joinIdentity });
  return (
    <Section title={t`Sign in with ${provider}`}>
      <ProviderProblem />
      <Problem error={identities.error ?? join.error} />
      {identities.isPending && <Loading label={t`Loading`} lines={2} />}
      {identities.data?.length === 0 && (
        <Text size="sm" c="dimmed" maw="75ch">
          <Trans>Connect your account there, and you can sign in here without a password.</Trans>
        </Text>
      )}
      <IdentityList
        identities={identities.data ?? []}
        remove={removeOwnIdentity}
        onDone={() => void queries.invalidateQueries()}
      />
      <Button
        variant="default"
        style={{ alignSelf: "flex-start" }}
        loading={join.isPending}
        onClick={() => join.mutate()}
      >
        <Trans>Connect an account</Trans>
      </Button>
    </Section>
  );
}

/** The same of another user, for admins of the installation. */
export function UserIdentities({ user, provider }: { user: User; provider: string }) {
  const { name } = user;
  const [open, setOpen] = useState(false);
  const [subject, setSubject] = useState("");
  const queries = useQueryClient();
  const identities = useQuery({ ...userIdentitiesQuery(user.id), enabled: open });
  const refresh = () => void queries.invalidateQueries(usersQuery());
  const add = useMutation({
    mutationFn: () => addUserIdentity(user.id, subject.trim()),
    onSuccess: () => {
      setSubject("");
      refresh();
    },
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <>
      <Button size="xs" variant="default" onClick={() => setOpen(true)}>
        <Trans>Accounts at {provider}</Trans>
      </Button>
      <Modal opened={open} onClose={() => setOpen(false)} title={t`How ${name} signs in with ${provider}`}>
        <Stack>
          <IdentityList
            identities={identities.data ?? []}
            remove={(identityId) => removeUserIdentity(user.id, identityId)}
            onDone={refresh}
          />
          <form onSubmit={onSubmit}>
            <Stack gap="sm">
              <TextInput
                label={t`Subject`}
                description={t`The number or text by which the sign-in service knows the person (claim “sub”). Never a name or an e-mail address.`}
                required
                maxLength={255}
                value={subject}
                onChange={(event) => setSubject(event.currentTarget.value)}
              />
              <Problem error={identities.error ?? add.error} />
              <Button type="submit" loading={add.isPending} disabled={subject.trim() === ""}>
                <Trans>Connect</Trans>
              </Button>
            </Stack>
          </form>
        </Stack>
      </Modal>
    </>
  );
}

type ListProps = { identities: Identity[]; remove: (identityId: string) => Promise<unknown>; onDone: () => void };

function IdentityList({ identities, remove, onDone }: ListProps) {
  if (identities.length === 0) return null;
  return (
    <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: "none" }} aria-label={t`Connected accounts`}>
      {identities.map((one) => (
        <Paper component="li" withBorder p="md" key={one.id}>
          <Group justify="space-between" gap="sm" wrap="nowrap">
            <div style={{ minWidth: 0 }}>
              <Text fw={600} style={{ overflowWrap: "anywhere" }}>
                {one.subject}
              </Text>
              <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
                {one.issuer} · {lastUsed(one)}
              </Text>
            </div>
            <ConfirmButton
              takes={null}
              iconOnly
              label={removes(one.subject)}
              question={t`Remove this account?`}
              confirm={t`Remove`}
              onConfirm={() => remove(one.id)}
              onDone={onDone}
            >
              <Trans>Nobody signs in with it any more, and sessions that were begun with it end.</Trans>
            </ConfirmButton>
          </Group>
        </Paper>
      ))}
    </Stack>
  );
}

const removes = (name: string) => t`Remove ${name}`;

function lastUsed({ last_login_at: at }: Identity): string {
  if (!at) return t`never used`;
  const when = dateTime(at);
  return t`last used ${when}`;
}
