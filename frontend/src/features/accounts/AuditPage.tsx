import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Stack, Table, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type AuditSearch, auditExportPath, auditQuery, verifyAudit } from "@/api/audit";
import type { AuditEntry } from "@/api/types";
import { DownloadLink } from "@/components/ButtonLink";
import { Note, Problem } from "@/components/Note";
import { Empty, Loading, PageHead } from "@/components/Page";
import { Pager } from "@/components/Pager";
import { dateTime } from "@/lib/format";

const SIZE = 50;
const EVERYTHING: AuditSearch = { person: "", action: "", project_id: "", recording_id: "" };
const FIELDS: [keyof AuditSearch, string][] = [
  ["person", t`Person`],
  ["action", t`Action`],
  ["project_id", t`Id of the project`],
  ["recording_id", t`Id of the recording`],
];

/** Who has seen or changed what, for admins of the installation. */
export function AuditPage() {
  const [search, setSearch] = useState(EVERYTHING);
  const [page, setPage] = useState(1);
  const entries = useQuery(auditQuery(search, page, SIZE));
  const set = (name: keyof AuditSearch, value: string) => {
    setSearch({ ...search, [name]: value.trim() });
    setPage(1);
  };
  return (
    <Stack gap="lg">
      <PageHead
        title={t`Audit log`}
        lead={t`Every access to recordings and accounts: who, when, what, and with what outcome. Lines are sealed in a chain.`}
        actions={<DownloadLink href={auditExportPath(search)}>{t`Export`}</DownloadLink>}
      />
      <Verify />
      <Group gap="sm">
        {FIELDS.map(([name, label]) => (
          <TextInput
            key={name}
            label={label}
            maxLength={100}
            value={search[name]}
            onChange={(event) => set(name, event.currentTarget.value)}
          />
        ))}
      </Group>
      <Problem error={entries.error} title={t`The audit log cannot be shown`} />
      {entries.isPending && <Loading label={t`Loading audit log`} />}
      {entries.data?.total === 0 &&
        (Object.values(search).every((asked) => asked === "") ? (
          <Empty title={t`Nothing has been recorded`}>
            <Trans>
              Accesses are recorded where people sign in, or where the setting EXCHANGEAI_AUDIT is “always”.
            </Trans>
          </Empty>
        ) : (
          <Empty title={t`No such line`} />
        ))}
      {entries.data && entries.data.total > 0 && (
        <>
          <Entries entries={entries.data.items} />
          <Pager page={page} size={SIZE} total={entries.data.total} onChange={setPage} noun={t`lines`} />
        </>
      )}
    </Stack>
  );
}

const hold = (n: number) => plural(n, { one: "All # line hold", other: "All # lines hold" });

function Verify() {
  const verify = useMutation({ mutationFn: verifyAudit });
  const found = verify.data;
  return (
    <Stack gap="sm" align="flex-start">
      <Button
        variant="default"
        h="auto"
        py={8}
        styles={{ label: { whiteSpace: "normal" } }}
        loading={verify.isPending}
        onClick={() => verify.mutate()}
      >
        <Trans>Check that no line was changed or dropped</Trans>
      </Button>
      <Problem error={verify.error} />
      {found && (
        <Note tone={found.holds ? "good" : "bad"} title={found.holds ? hold(found.number) : found.fault} alert>
          <Trans>
            Write this down elsewhere, to compare with it later:{" "}
            <span style={{ wordBreak: "break-all" }}>{`${found.number}:${found.seal}`}</span>
          </Trans>
        </Note>
      )}
    </Stack>
  );
}

function Entries({ entries }: { entries: AuditEntry[] }) {
  return (
    <Table.ScrollContainer minWidth={600}>
      <Table aria-label={t`Audit log`} verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            {[t`Line`, t`When`, t`Who`, t`Action`, t`Project`, t`What`, t`Status`].map((name) => (
              <Table.Th key={name}>{name}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {entries.map((entry) => (
            <Table.Tr key={entry.number}>
              <Table.Td>{entry.number}</Table.Td>
              <Table.Td style={{ whiteSpace: "nowrap" }}>{dateTime(entry.at)}</Table.Td>
              <Table.Td>
                {entry.person || t`nobody`} <Text span size="sm" c="dimmed">{`(${entry.via})`}</Text>
              </Table.Td>
              <Table.Td>{entry.action}</Table.Td>
              <Table.Td ff="monospace">{entry.project_id.slice(0, 8)}</Table.Td>
              <Table.Td>{what(entry)}</Table.Td>
              <Table.Td>{entry.status || ""}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function what(entry: AuditEntry): string {
  const n = Number(entry.subject.n_recordings ?? 0);
  return n > 0 ? plural(n, { one: "# recording", other: "# recordings" }) : "";
}
