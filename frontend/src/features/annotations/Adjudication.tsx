import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Grid, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { readRecordingQuery, revealRecording } from "@/api/annotations";
import type { LabelSet } from "@/api/types";
import { Problem } from "@/components/Note";
import { Key, LabelButtons } from "./LabelButtons";
import { Said } from "./OthersSaid";
import { RegionLayer } from "./RegionLayer";
import { SavingNote } from "./SavingNote";
import { useSaving } from "./saving";
import type { ShowEcg } from "./showEcg";
import { useKeys } from "./useKeys";
import { useReading } from "./useReading";

type Props = {
  projectId: string;
  set: LabelSet;
  reader: string;
  recordingId: string;
  tracing: ShowEcg;
  onPrevious: (() => void) | null;
  onNext: (() => void) | null;
};

/** One ECG on which readers differ: what each said, side by side, and the labels that decide. */
export function Adjudication({ projectId, set, reader, recordingId, tracing, onPrevious, onNext }: Props) {
  const queries = useQueryClient();
  const where = { projectId, labelSetId: set.id, reader, recordingId };
  const { seen, error, content, say } = useReading({ ...where, role: "adjudicator" });
  const [several, setSeveral] = useState<readonly string[] | null>(null);
  const hidden = seen?.hidden ?? false;
  const reveal = useMutation({
    mutationFn: () => revealRecording(projectId, set.id, reader, recordingId),
    onSuccess: (now) => queries.setQueryData(readRecordingQuery(projectId, set.id, reader, recordingId).queryKey, now),
  });
  // Who decides sees what was said. The platform notes it, so that a later reading of the same person is not blind.
  const { mutate } = reveal;
  useEffect(() => {
    if (hidden) mutate();
  }, [hidden, mutate]);
  useListAfterSaving(projectId, set.id);

  const ready = seen !== undefined && !hidden;
  const chosen = several ?? (content.done ? content.labels : []);
  const decide = (labels: readonly string[]) => {
    if (!ready) return;
    say({ labels: [...labels], done: true });
    setSeveral(null);
    onNext?.();
  };
  const label = (name: string) => {
    if (set.task === "single_label") decide([name]);
    else setSeveral(chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name]);
  };
  useKeys({
    ...Object.fromEntries(set.labels.filter(({ key }) => key).map(({ key, name }) => [key, () => label(name)])),
    Enter: () => set.task === "multi_label" && decide(chosen),
  });
  const said = ready && seen ? [...(seen.mine?.done ? [seen.mine] : []), ...seen.others] : [];
  return (
    <Grid gap="lg">
      <Grid.Col span={{ base: 12, lg: 8 }}>
        {tracing({
          projectId,
          recordingId,
          hideName: set.blind,
          onPrevious,
          onNext,
          overlay: (paper) => (
            <RegionLayer paper={paper} regions={said.flatMap((one) => one.regions)} draft={null} onDraft={() => {}} />
          ),
        })}
      </Grid.Col>
      <Grid.Col span={{ base: 12, lg: 4 }}>
        <Paper withBorder p="md" component="section" aria-label={t`Decision`}>
          <Stack gap="sm">
            <Problem error={error ?? reveal.error} title={t`What was said cannot be shown`} />
            <Title order={3} size="h5">
              <Trans>What readers said</Trans>
            </Title>
            {said.map((one) => (
              <Said key={one.id} reading={one} />
            ))}
            {seen?.adjudication && ready && <Said reading={seen.adjudication} />}
            <Title order={3} size="h5">
              <Trans>Your decision</Trans>
            </Title>
            <LabelButtons set={set} chosen={chosen} disabled={!ready} onLabel={label} />
            <Group gap="xs">
              {set.task === "multi_label" && (
                <Button size="sm" disabled={!ready} onClick={() => decide(chosen)} leftSection={<Key name="Enter" />}>
                  {chosen.length === 0 ? t`None of them` : t`Decide`}
                </Button>
              )}
              {onNext && (
                <Button size="sm" variant="default" onClick={onNext}>
                  <Trans>Decide later</Trans>
                </Button>
              )}
            </Group>
            {content.done && (
              <Text size="sm">{t`Decided: ${{ labels: content.labels.join(", ") || t`none of the labels` }}.`}</Text>
            )}
            <SavingNote />
          </Stack>
        </Paper>
      </Grid.Col>
    </Grid>
  );
}

/** The list, the counts and the agreement are asked for anew when decisions have been saved and one pauses. */
function useListAfterSaving(projectId: string, labelSetId: string) {
  const queries = useQueryClient();
  const { waiting } = useSaving();
  useEffect(() => {
    if (waiting > 0) return;
    const pause = setTimeout(() => {
      void queries.invalidateQueries({ queryKey: ["project", projectId, "annotations", "one", labelSetId] });
    }, 600);
    return () => clearTimeout(pause);
  }, [waiting, queries, projectId, labelSetId]);
}
