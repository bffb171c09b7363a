import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Group, Select, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { labelSetQuery } from "@/api/annotations";
import { isOver } from "@/api/jobs";
import { predictionsQuery } from "@/api/predictions";

import { TextLink } from "@/components/ButtonLink";
import { CannotShow } from "@/components/CannotShow";
import { Chip } from "@/components/Chip";
import { Note } from "@/components/Note";
import { Loading, PageHead } from "@/components/Page";
import { useParam, useProjectId } from "@/components/useProjectId";
import { region } from "@/language/language";
import { dateTime } from "@/lib/format";
import { projectPath } from "@/lib/paths";
import { kept, listIn, listWords } from "@/lib/recordingList";
import { AskReader, ReaderName } from "./ReaderName";
import { useReader } from "./reader";
import { Sitting } from "./Sitting";
import type { ShowEcg } from "./showEcg";

const BY_NAME = "name";

/** ECGs labelled one after the other by the labels of a set. */
export function ReadPage({ tracing }: { tracing: ShowEcg }) {
  const projectId = useProjectId();
  const labelSetId = useParam("labelSetId");
  const [reader] = useReader();
  const [asked] = useSearchParams();
  const [order, setOrder] = useState<string>(BY_NAME);
  const wanted = kept(listIn(asked));
  const list = Object.keys(wanted).length > 0 ? wanted : null;
  const set = useQuery(labelSetQuery(projectId, labelSetId, reader));
  if (set.isPending) return <Loading lines={10} label={t`Loading label set`} />;
  if (set.isError) return <CannotShow title={t`The label set cannot be shown`} error={set.error} />;
  const mine = set.data.progress.n_mine.toLocaleString(region());
  const left = set.data.progress.n_left.toLocaleString(region());
  return (
    <Stack gap="md">
      <PageHead
        title={set.data.name}
        lead={
          <Group gap="xs">
            <span>
              <Trans>
                {mine} read by you · {left} left for you
              </Trans>
            </span>
            {set.data.blind && (
              <Chip tone="info">
                <Trans>Blind</Trans>
              </Chip>
            )}
          </Group>
        }
        actions={reader && <ReaderName />}
      />
      {reader ? (
        <>
          {list ? (
            <Note tone="info" title={t`Only these recordings: ${{ which: listWords(list) }}`}>
              {set.data.blind && list.prediction_id
                ? `${t`They were chosen by what a model says of them: whoever reads them knows that.`} `
                : ""}
              <Trans>
                Those you have read are among them, with what you said.{" "}
                <TextLink to={projectPath(projectId, "labels", labelSetId, "read")}>
                  Label all recordings instead
                </TextLink>
              </Trans>
            </Note>
          ) : (
            <Order projectId={projectId} value={order} onChange={setOrder} />
          )}
          <Sitting
            key={`${reader} ${order} ${asked}`}
            projectId={projectId}
            set={set.data}
            reader={reader}
            predictionId={order === BY_NAME ? null : order}
            first={asked.get("recording")}
            list={list}
            tracing={tracing}
          />
        </>
      ) : (
        <AskReader />
      )}
    </Stack>
  );
}

type OrderProps = { projectId: string; value: string; onChange: (order: string) => void };

/** By which order the next ECG comes; predictions are offered where there are any that give labels. */
function Order({ projectId, value, onChange }: OrderProps) {
  const predictions = useQuery(predictionsQuery(projectId));
  const done = predictions.data?.filter((one) => isOver(one.job) && one.n_results > 0) ?? [];
  if (done.length === 0) return null;
  return (
    <Group gap="sm" align="flex-end">
      <Select
        label={t`Next ECG`}
        size="sm"
        w={360}
        maw="100%"
        allowDeselect={false}
        value={value}
        data={[
          { value: BY_NAME, label: t`By file name` },
          ...done.map((one) => ({
            value: one.id,
            label: t`Least sure first: ${{ model: one.model_name }}, ${{ when: dateTime(one.created_at) }}`,
          })),
        ]}
        onChange={(next) => next && onChange(next)}
      />
      {value !== BY_NAME && (
        <Text size="sm" c="dimmed">
          <Trans>ECGs chosen so are for training, not for testing.</Trans>
        </Text>
      )}
    </Group>
  );
}
