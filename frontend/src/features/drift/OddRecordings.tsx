import { t } from "@lingui/core/macro";
import { Paper, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { oddRecordingsQuery } from "@/api/driftChecks";
import { Problem } from "@/components/Note";
import { Loading, Section } from "@/components/Page";
import { Pager } from "@/components/Pager";
import { projectPath } from "@/lib/paths";

const SIZE = 10;

/** The recordings that stick out, the oddest first, each with its reasons and a way to its ECG. */
export function OddRecordings({ projectId, checkId }: { projectId: string; checkId: string }) {
  const [page, setPage] = useState(1);
  const found = useQuery(oddRecordingsQuery(projectId, checkId, page, SIZE));
  return (
    <Paper withBorder p="md">
      <Section title={t`Recordings that stick out`}>
        <Problem error={found.error} title={t`The recordings cannot be shown`} />
        {found.isPending && <Loading label={t`Loading recordings`} />}
        {found.data && (
          <>
            <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: "none" }} aria-label={t`Recordings`}>
              {found.data.items.map((row) => (
                <Stack component="li" gap={2} key={row.recording_id}>
                  <Link className="row-link" to={projectPath(projectId, "recordings", row.recording_id)}>
                    {row.file_name}
                  </Link>
                  <Text size="sm" style={{ overflowWrap: "anywhere" }}>
                    {row.reasons.join(" ")}
                  </Text>
                </Stack>
              ))}
            </Stack>
            <Pager page={page} size={SIZE} total={found.data.total} noun={t`recordings`} onChange={setPage} />
          </>
        )}
      </Section>
    </Paper>
  );
}
