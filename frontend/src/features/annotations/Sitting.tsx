import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Grid, Group, Stack, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { labelSetQuery } from "@/api/annotations";
import { recordingQuery } from "@/api/recordings";
import type { LabelSet, Recording, Region } from "@/api/types";
import { ButtonLink } from "@/components/ButtonLink";
import { Problem } from "@/components/Note";
import { Empty, Loading } from "@/components/Page";
import { projectPath } from "@/lib/paths";
import type { RecordingList } from "@/lib/recordingList";
import styles from "./annotations.module.css";
import { KeysDialog } from "./KeysDialog";
import { ReadPanel } from "./ReadPanel";
import { RegionForm } from "./RegionForm";
import { RegionLayer } from "./RegionLayer";
import { faultOf } from "./regions";
import { SavingNote } from "./SavingNote";
import { useSaving } from "./saving";
import type { ShowEcg } from "./showEcg";
import { useKeys } from "./useKeys";
import { useLabelling } from "./useLabelling";

const COUNTED_AFTER_MS = 1500;

type Props = {
  projectId: string;
  set: LabelSet;
  reader: string;
  predictionId: string | null;
  /** The ECG to begin with; null: the first of the queue. */
  first: string | null;
  /** Only the recordings of this list; null: what the queue has. */
  list: RecordingList | null;
  tracing: ShowEcg;
};

/** One reader at work: the tracing, the panel beside it, and the keys. */
export function Sitting({ projectId, set, reader, predictionId, first, list, tracing }: Props) {
  const labelling = useLabelling(projectId, set, reader, predictionId, first, list);
  const { recordingId, hand, ready } = labelling;
  const recording = useQuery({ ...recordingQuery(projectId, recordingId ?? ""), enabled: recordingId !== null });
  const [draft, setDraft] = useState<Region | null>(null);
  const [help, setHelp] = useState(false);
  const noteField = useRef<HTMLTextAreaElement>(null);
  useCountsAfterSaving(projectId, set.id, reader);

  const classes = [...new Set([...set.region_classes, ...set.labels.map(({ name }) => name)])];
  const mark = () => ready && setDraft({ label: classes[0] ?? "", from_ms: 0, to_ms: 0, leads: [] });
  const suggest = () => {
    const same = hand.seen?.suggestions.find((one) => one.label !== null)?.label;
    if (same) label(same);
  };
  const durationMs = (recording.data?.duration_s ?? 0) * 1000;
  /** A region that was marked is kept, whatever comes next. */
  const settle = () => {
    if (draft && faultOf(draft, durationMs) === null) {
      labelling.change({ regions: [...hand.content.regions, draft] });
    }
    setDraft(null);
  };
  const step = (go: () => void) => () => {
    settle();
    go();
  };
  const label = (name: string) => step(() => labelling.label(name))();
  useKeys(
    draft
      ? { Enter: settle, Escape: () => setDraft(null) }
      : {
          ...Object.fromEntries(set.labels.filter(({ key }) => key).map(({ key, name }) => [key, () => label(name)])),
          Enter: labelling.finish,
          u: labelling.undo,
          n: () => noteField.current?.focus(),
          r: mark,
          s: suggest,
          "?": () => setHelp(true),
        },
  );

  if (labelling.ended) return <Finished projectId={projectId} onBack={labelling.previous} />;
  if (recordingId === null)
    return labelling.error ? (
      <Problem error={labelling.error} title={t`The next ECG cannot be found`} />
    ) : (
      <Loading lines={10} label={t`Finding the next ECG`} />
    );
  return (
    <Grid gap="lg">
      <Grid.Col span={{ base: 12, lg: 9 }}>
        <Stack gap="xs">
          <Problem error={labelling.error} title={t`This ECG cannot be labelled yet`} />
          {recording.data && <WhoseEcg recording={recording.data} nameless={set.blind} />}
          {tracing({
            projectId,
            recordingId,
            hideName: set.blind,
            onPrevious: labelling.hasPrevious ? step(labelling.previous) : null,
            onNext: step(labelling.next),
            overlay: (paper) => (
              <RegionLayer paper={paper} regions={hand.content.regions} draft={draft} onDraft={setDraft} />
            ),
          })}
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 12, lg: 3 }}>
        <Stack gap="sm">
          <ReadPanel
            projectId={projectId}
            set={set}
            reader={reader}
            labelling={{ ...labelling, label, finish: step(labelling.finish), next: step(labelling.next) }}
            noteField={noteField}
            onMark={mark}
            onSuggestion={suggest}
            marking={
              draft && (
                <RegionForm
                  region={draft}
                  classes={classes}
                  durationMs={durationMs}
                  onChange={setDraft}
                  onCancel={() => setDraft(null)}
                  onKeep={settle}
                />
              )
            }
          />
          <Button variant="subtle" size="sm" onClick={() => setHelp(true)}>
            <Trans context="keyboard">Keys</Trans>
          </Button>
          <div className={styles.room} />
        </Stack>
      </Grid.Col>
      <KeysDialog set={set} opened={help} onClose={() => setHelp(false)} />
    </Grid>
  );
}

/** What a reader is told of the ECG: its name, unless it may tell the finding, and of whom it is. */
function WhoseEcg({ recording, nameless }: { recording: Recording; nameless: boolean }) {
  const { file_name, age, sex } = recording;
  const facts = [
    nameless ? null : file_name,
    age === null ? null : ageText(age),
    sex === "F" ? t`female` : sex === "M" ? t`male` : null,
  ];
  return (
    <Text size="sm" fw={550} style={{ overflowWrap: "anywhere" }}>
      {facts.filter(Boolean).join(" · ")}
    </Text>
  );
}

function ageText(age: number): string {
  return age >= 90 ? t`90 years or older` : plural(Math.round(age), { one: "# year", other: "# years" });
}

function Finished({ projectId, onBack }: { projectId: string; onBack: () => void }) {
  return (
    <Stack>
      <Empty
        title={t`No more ECGs wait for you`}
        action={
          <Group>
            <Button variant="default" onClick={onBack}>
              <Trans>Back to the last ECG</Trans>
            </Button>
            <ButtonLink to={projectPath(projectId, "labels")}>
              <Trans>To the label sets</Trans>
            </ButtonLink>
          </Group>
        }
      >
        <Trans>Those that you skipped come again when you open this page anew.</Trans>
      </Empty>
      <SavingNote />
    </Stack>
  );
}

/** The counts of the set are asked for when all is saved and the reader pauses. */
function useCountsAfterSaving(projectId: string, labelSetId: string, reader: string) {
  const queries = useQueryClient();
  const { waiting } = useSaving();
  const before = useRef(waiting);
  useEffect(() => {
    if (before.current === waiting) return;
    before.current = waiting;
    if (waiting > 0) return;
    const pause = setTimeout(() => {
      const { queryKey } = labelSetQuery(projectId, labelSetId, reader);
      void queries.invalidateQueries({ queryKey, exact: true });
    }, COUNTED_AFTER_MS);
    return () => clearTimeout(pause);
  }, [waiting, queries, projectId, labelSetId, reader]);
}
