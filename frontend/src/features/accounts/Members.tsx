import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, NativeSelect, Paper, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ACCOUNT, membersQuery, removeMember, setMember } from "@/api/account";
import type { Member, Role } from "@/api/types";
import { ConfirmButton } from "@/components/ConfirmButton";
import { Problem } from "@/components/Note";
import { Empty, Loading, Section } from "@/components/Page";
import { ROLE_OPTIONS, ROLES, roleName, toRole } from "@/components/roles";

type Props = { projectId: string /** Who may not change anything sees who is there. */; canChange: boolean };

/** Who may do what in a project. */
export function Members({ projectId, canChange }: Props) {
  const members = useQuery(membersQuery(projectId));
  return (
    <Section title={t`Members`}>
      {canChange && <AddMember projectId={projectId} />}
      <Problem error={members.error} title={t`The members cannot be shown`} />
      {members.isPending && <Loading label={t`Loading members`} />}
      {members.data?.length === 0 && <Empty title={t`No members yet`} />}
      {members.data && members.data.length > 0 && (
        <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: "none" }} aria-label={t`Members`}>
          {members.data.map((member) => (
            <MemberRow key={member.user_id} projectId={projectId} member={member} canChange={canChange} />
          ))}
        </Stack>
      )}
    </Section>
  );
}

function useRefresh(projectId: string) {
  const queries = useQueryClient();
  return () => {
    void queries.invalidateQueries(membersQuery(projectId));
    void queries.invalidateQueries({ queryKey: ACCOUNT }); // it may have been oneself
  };
}

function MemberRow({ projectId, member, canChange }: Props & { member: Member }) {
  const { name } = member;
  const refresh = useRefresh(projectId);
  const change = useMutation({
    mutationFn: (role: Role) => setMember(projectId, name, role),
    onSuccess: refresh,
  });
  return (
    <Paper component="li" withBorder p="md">
      <Group justify="space-between" gap="sm">
        <Text fw={600} style={{ overflowWrap: "anywhere" }}>
          {name}
        </Text>
        {canChange ? (
          <Group gap="xs">
            <NativeSelect
              aria-label={t`Role of ${name}`}
              data={ROLES.map(({ value, label }) => ({ value, label }))}
              value={member.role}
              onChange={(event) => change.mutate(toRole(event.currentTarget.value))}
            />
            <ConfirmButton
              takes="remove_member"
              iconOnly
              label={t`Remove ${name}`}
              question={t`Remove this member?`}
              confirm={t`Remove`}
              onConfirm={() => removeMember(projectId, member.user_id)}
              onDone={refresh}
            >
              <Trans>{name} will not see this project any more. What they have made stays.</Trans>
            </ConfirmButton>
          </Group>
        ) : (
          <Text size="sm">{roleName(member.role)}</Text>
        )}
      </Group>
      <Problem error={change.error} />
    </Paper>
  );
}

function AddMember({ projectId }: { projectId: string }) {
  const refresh = useRefresh(projectId);
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const add = useMutation({
    mutationFn: () => setMember(projectId, name, role),
    onSuccess: () => {
      setName("");
      refresh();
    },
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <form onSubmit={onSubmit}>
      <Group align="flex-end" gap="sm">
        <TextInput
          label={t`User name`}
          required
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <NativeSelect
          label={t`May`}
          data={ROLE_OPTIONS}
          value={role}
          onChange={(event) => setRole(toRole(event.currentTarget.value))}
        />
        <Button type="submit" loading={add.isPending} disabled={name.trim() === ""}>
          <Trans>Add member</Trans>
        </Button>
      </Group>
      <Problem error={add.error} />
    </form>
  );
}
