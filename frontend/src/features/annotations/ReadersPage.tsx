import { plural, t } from "@lingui/core/macro";
import { Grid, Group, SegmentedControl, Stack, Text, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { disagreementsQuery, labelSetQuery } from "@/api/annotations";
import type { LabelSet } from "@/api/types";
import { CannotShow } from "@/components/CannotShow";
import { Problem } from "@/components/Note";
import { Empty, Loading, PageHead, Section } from "@/components/Page";
import { Pager } from "@/components/Pager";
import { useParam, useProjectId } from "@/components/useProjectId";
import { Adjudication } from "./Adjudication";
import { AgreementSection } from "./AgreementTable";
import { AskReader, ReaderName } from "./ReaderName";
import { useReader } from "./reader";
import type { ShowEcg } from "./showEcg";

const SIZE = 20;

/** What several readers say: the ECGs on which they differ, to be decided, and how far they agree. */
export function ReadersPage({ tracing }: { tracing: ShowEcg }) {
  const projectId = useProjectId();
  const labelSetId = useParam("labelSetId");
  const [reader] = useReader();
  const set = useQuery(labelSetQuery(projectId, labelSetId, reader));
  if (set.isPending) return <Loading lines={10} label={t`Loading label set`} />;
  if (set.isError) return <CannotShow title={t`The label set cannot be shown`} error={set.error} />;
  return (
    <Stack gap="lg">
      <PageHead
        title={t`${{ name: set.data.name }}: readers`}
        lead={t`ECGs on which readers differ have no label until somebody decides. You see here what each of them said.`}
        actions={reader && <ReaderName />}
      />
      {reader ? (
        <Disagreements key={reader} projectId={projectId} set={set.data} reader={reader} tracing={tracing} />
      ) : (
        <AskReader />
      )}
      <AgreementSection projectId={projectId} labelSetId={labelSetId} />
    </Stack>
  );
}

type Props = { projectId: string; set: LabelSet; reader: string; tracing: ShowEcg };

function Disagreements({ projectId, set, reader, tracing }: Props) {
  const [adjudicated, setAdjudicated] = useState(false);
  const [page, setPage] = useState(1);
  const [chosen, setChosen] = useState<string | null>(null);
  const found = useQuery(disagreementsQuery(projectId, set.id, adjudicated, page, SIZE));
  const rows = found.data?.items ?? [];
  const total = found.data?.total ?? 0;
  const place = Math.max(
    0,
    rows.findIndex((row) => row.recording_id === chosen),
  );
  const shown = rows[place];
  const go = (by: number) => rows[place + by] && setChosen(rows[place + by]?.recording_id ?? null);
  return (
    <Section
      title={t`Disagreements`}
      actions={
        <SegmentedControl
          size="sm"
          aria-label={t`Which ECGs`}
          data={[
            { value: "open", label: t`To be decided` },
            { value: "adjudicated", label: t`Decided` },
          ]}
          value={adjudicated ? "adjudicated" : "open"}
          onChange={(value) => {
            setAdjudicated(value === "adjudicated");
            setPage(1);
            setChosen(null);
          }}
        />
      }
    >
      {found.isPending && <Loading label={t`Loading disagreements`} />}
      <Problem error={found.error} title={t`Disagreements cannot be shown`} />
      {found.data && rows.length === 0 && (
        <Empty title={adjudicated ? t`Nothing was decided yet` : t`Nothing to decide`}>
          {!adjudicated && t`No two readers differ on an ECG that nobody has decided.`}
        </Empty>
      )}
      {shown && (
        <Grid gap="lg">
          <Grid.Col span={{ base: 12, lg: 2 }}>
            <Stack component="ul" gap={2} p={0} m={0} style={{ listStyle: "none" }} aria-label={t`ECGs to be decided`}>
              {rows.map((row, index) => (
                <li key={row.recording_id}>
                  <UnstyledButton
                    className="cell-row"
                    aria-current={row === shown}
                    onClick={() => setChosen(row.recording_id)}
                  >
                    <Text size="sm" style={{ overflowWrap: "anywhere" }}>
                      {row.file_name || t`ECG ${{ number: (page - 1) * SIZE + index + 1 }}`}
                    </Text>
                    <Text size="sm">{row.n_readers}</Text>
                  </UnstyledButton>
                </li>
              ))}
            </Stack>
            <Group mt="xs">
              <Pager
                page={page}
                size={SIZE}
                total={total}
                noun={plural(total, { one: "ECG", other: "ECGs" })}
                onChange={setPage}
              />
            </Group>
          </Grid.Col>
          <Grid.Col span={{ base: 12, lg: 10 }}>
            <Adjudication
              key={shown.recording_id}
              projectId={projectId}
              set={set}
              reader={reader}
              recordingId={shown.recording_id}
              tracing={tracing}
              onPrevious={place > 0 ? () => go(-1) : null}
              onNext={place + 1 < rows.length ? () => go(1) : null}
            />
          </Grid.Col>
        </Grid>
      )}
    </Section>
  );
}
