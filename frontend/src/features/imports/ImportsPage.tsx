import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Group, Stack, Table } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { importsQuery } from "@/api/imports";
import { ButtonLink } from "@/components/ButtonLink";
import { Problem } from "@/components/Note";
import { Empty, Loading, PageHead } from "@/components/Page";
import { Pager } from "@/components/Pager";
import { useProjectId } from "@/components/useProjectId";
import { dateTime } from "@/lib/format";
import { projectPath } from "@/lib/paths";
import { Counts } from "./Counts";

const SIZE = 50;

/** All imports of a project, the newest first. */
export function ImportsPage() {
  const projectId = useProjectId();
  const [page, setPage] = useState(1);
  const imports = useQuery(importsQuery(projectId, page, SIZE));
  return (
    <Stack gap="lg">
      <PageHead title={t`Imports`} lead={t`The outcome of every file uploaded to this project.`} />
      {imports.isPending && <Loading label={t`Loading imports`} />}
      <Problem error={imports.error} title={t`The imports cannot be shown`} />
      {imports.data?.total === 0 && (
        <Empty
          title={t`Nothing has been imported yet`}
          action={
            <ButtonLink to={projectPath(projectId, "recordings")}>
              <Trans>Upload recordings</Trans>
            </ButtonLink>
          }
        />
      )}
      {imports.data && imports.data.total > 0 && (
        <>
          <Table.ScrollContainer minWidth={300}>
            <Table aria-label={t`Imports`} verticalSpacing={8}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th w={200}>
                    <Trans>Date</Trans>
                  </Table.Th>
                  <Table.Th>
                    <Trans>Files</Trans>
                  </Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {imports.data.items.map((item) => (
                  <Table.Tr key={item.id}>
                    <Table.Td>
                      <Link className="row-link" to={projectPath(projectId, "imports", item.id)}>
                        {dateTime(item.created_at)}
                      </Link>
                    </Table.Td>
                    <Table.Td>
                      <Group gap={6}>
                        <Counts of={item} />
                      </Group>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
          <Pager page={page} size={SIZE} total={imports.data.total} onChange={setPage} noun={t`imports`} />
        </>
      )}
    </Stack>
  );
}
