import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, NativeSelect, NumberInput, Paper, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { addApiKey, apiKeysQuery, removeApiKey } from "@/api/account";
import { projectsQuery } from "@/api/projects";
import type { ApiKey, Role } from "@/api/types";
import { Chip } from "@/components/Chip";
import { ConfirmButton } from "@/components/ConfirmButton";
import { Copyable } from "@/components/Copyable";
import { Icon } from "@/components/icons";
import { NameDialog } from "@/components/NameDialog";
import { Note, Problem } from "@/components/Note";
import { Empty, Loading, Section } from "@/components/Page";
import { ROLE_OPTIONS, roleName, toRole } from "@/components/roles";
import { dateTime } from "@/lib/format";

const DAYS = 90;

/** The keys with which programs act for whoever is signed in. */
export function ApiKeys() {
  const keys = useQuery(apiKeysQuery());
  const queries = useQueryClient();
  const [adding, setAdding] = useState(false);
  const [secret, setSecret] = useState("");
  const refresh = () => void queries.invalidateQueries(apiKeysQuery());
  return (
    <Section
      title={t`API keys`}
      actions={
        <Button leftSection={<Icon name="plus" />} onClick={() => setAdding(true)}>
          <Trans>New API key</Trans>
        </Button>
      }
    >
      <Text size="sm" c="dimmed" maw="75ch">
        <Trans>
          A program sends one with each request, as “Authorization: Bearer exg_…”. It can do what you can, but no more
          than the role that you give it.
        </Trans>
      </Text>
      <AddKey open={adding} onClose={() => setAdding(false)} onMade={setSecret} onDone={refresh} />
      {secret && (
        <Note tone="good" title={t`Copy the new key now: it is shown this once`} alert>
          <Copyable text={secret} />
        </Note>
      )}
      <Problem error={keys.error} title={t`Your API keys cannot be shown`} />
      {keys.isPending && <Loading label={t`Loading API keys`} />}
      {keys.data?.length === 0 && <Empty title={t`No API key yet`} />}
      {keys.data && keys.data.length > 0 && (
        <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: "none" }} aria-label={t`API keys`}>
          {keys.data.map((key) => (
            <KeyRow key={key.id} known={key} onDone={refresh} />
          ))}
        </Stack>
      )}
    </Section>
  );
}

function KeyRow({ known, onDone }: { known: ApiKey; onDone: () => void }) {
  const projects = useQuery(projectsQuery());
  const project = projects.data?.find(({ id }) => id === known.project_id);
  const { name } = known;
  const end = dateTime(known.expires_at);
  const lastUse = known.last_used_at ? dateTime(known.last_used_at) : "";
  return (
    <Paper component="li" withBorder p="md">
      <Group justify="space-between" gap="sm">
        <div>
          <Text fw={600}>{name}</Text>
          <Text size="sm" c="dimmed">
            {`${known.prefix}… · ${known.project_id ? (project?.name ?? t`one project`) : t`all your projects`} · `}
            {t`until ${end}`} · {lastUse ? t`last used ${lastUse}` : t`never used`}
          </Text>
        </div>
        <Group gap="xs">
          <Chip tone="info">{roleName(known.role)}</Chip>
          <ConfirmButton
            takes={null}
            iconOnly
            label={t`Delete API key ${name}`}
            question={t`Delete this API key?`}
            confirm={t`Delete key`}
            onConfirm={() => removeApiKey(known.id)}
            onDone={onDone}
          >
            <Trans>Programs that use “{name}” can do nothing any more.</Trans>
          </ConfirmButton>
        </Group>
      </Group>
    </Paper>
  );
}

type AddProps = { open: boolean; onClose: () => void; onMade: (secret: string) => void; onDone: () => void };

function AddKey({ open, onClose, onMade, onDone }: AddProps) {
  const projects = useQuery({ ...projectsQuery(), enabled: open });
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const [project, setProject] = useState("");
  const [days, setDays] = useState(DAYS);
  const add = useMutation({
    mutationFn: () => addApiKey({ name, role, project_id: project || null, days }),
    onSuccess: ({ secret }) => {
      onMade(secret);
      onClose();
      onDone();
      setName("");
    },
  });
  return (
    <NameDialog
      title={t`New API key`}
      opened={open}
      onClose={onClose}
      name={name}
      onName={setName}
      action={add}
      submit={t`Make the key`}
    >
      <NativeSelect
        label={t`May`}
        data={ROLE_OPTIONS}
        value={role}
        onChange={(event) => setRole(toRole(event.currentTarget.value))}
      />
      <NativeSelect
        label={t`Project`}
        data={[
          { value: "", label: t`All my projects` },
          ...(projects.data ?? []).map(({ id, name }) => ({ value: id, label: name })),
        ]}
        value={project}
        onChange={(event) => setProject(event.currentTarget.value)}
      />
      <NumberInput
        label={t`Valid for so many days`}
        min={1}
        max={366}
        value={days}
        onChange={(value) => setDays(Number(value) || DAYS)}
      />
    </NameDialog>
  );
}
