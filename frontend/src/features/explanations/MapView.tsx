import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Grid, Paper, SegmentedControl, Stack, Text } from "@mantine/core";
import { useState } from "react";
import type { ExplanationMap, ExplanationResult } from "@/api/types";
import { Note, Notes } from "@/components/Note";
import { Section } from "@/components/Page";
import { BeatMap } from "./BeatMap";
import { ControlNote } from "./ControlNote";
import { ColourKey } from "./MapLayer";
import { MapTable } from "./MapTable";
import type { ShowMap } from "./showMap";
import { METHODS, type Painted, painted } from "./strength";

const ORDER = ["waves", "weights", "gradients", "leads"];

type Props = { result: ExplanationResult; show: ShowMap; projectId: string; recordingId: string };

/** One map at a time, with its control beside it. */
export function MapView({ result, show, projectId, recordingId }: Props) {
  const maps = [...result.maps].sort((a, b) => ORDER.indexOf(a.method) - ORDER.indexOf(b.method));
  const [chosen, setChosen] = useState<string | null>(null);
  const map = maps.find(({ method }) => method === chosen) ?? maps.find(({ control }) => control.evidence) ?? maps[0];
  // That a network is not linear is no news to anybody; what else is lacking is said.
  const why = Object.entries(result.missing).flatMap(([way, reason]) => (way === "weights" ? [] : [reason]));
  if (!map) return <Notes tone="info" title={t`No map could be made`} notes={why} />;
  const nBeats = result.beat?.n_beats ?? 0;
  const stretches: Painted[] = map.control.evidence ? painted(map, result.leads, result.waves, result.spans) : [];
  return (
    <Stack gap="lg">
      <Note tone="info">
        <Trans>
          A map is a hint about the model, never a finding about the patient. It says which parts of this ECG changed
          the model's answer, not whether the answer is right.
        </Trans>
      </Note>
      <Notes tone="info" notes={result.notes} />
      <Paper withBorder p="md">
        <Section
          title={t`Map`}
          actions={
            <SegmentedControl
              className="wrapping"
              aria-label={t`Way of looking`}
              data={maps.map(({ method, control }) => ({
                value: method,
                label: control.evidence ? METHODS[method].title : noEvidence(METHODS[method].title),
              }))}
              value={map.method}
              onChange={setChosen}
            />
          }
        >
          <Text size="sm" c="dimmed">
            {METHODS[map.method].how}
          </Text>
          <Grid gap="lg">
            <Grid.Col span={{ base: 12, md: map.control.evidence ? 8 : 12 }}>
              {map.control.evidence && <Evidence result={result} map={map} />}
              {!map.control.evidence && <ControlNote map={map} />}
            </Grid.Col>
            {map.control.evidence && (
              <Grid.Col span={{ base: 12, md: 4 }}>
                <ControlNote map={map} />
              </Grid.Col>
            )}
          </Grid>
        </Section>
      </Paper>
      <Paper withBorder p="md">
        <Section title={map.control.evidence ? t`On the tracing` : t`The tracing, without a map`}>
          {map.control.evidence && (
            <Text size="sm">
              <ColourKey />
            </Text>
          )}
          {show({ projectId, recordingId, stretches })}
        </Section>
      </Paper>
      {map.control.evidence && result.beat && (
        <Paper withBorder p="md">
          <Section title={t`On the average of ${nBeats} beats, aligned by Rlign`}>
            <BeatMap beat={result.beat} map={map} leads={result.leads} waves={result.waves} />
          </Section>
        </Paper>
      )}
      <Notes tone="info" title={t`Not available for this model`} notes={why} />
    </Stack>
  );
}

const noEvidence = (method: string) => t`${method} (no evidence)`;

function Evidence({ result, map }: { result: ExplanationResult; map: ExplanationMap }) {
  const { label_name: label } = result;
  return (
    <Stack gap="xs">
      <Text fw={600} role="status">
        {map.text}
      </Text>
      <MapTable result={result} map={map} />
      <Text size="xs" c="dimmed">
        {result.regression
          ? t`In units of ${label}: + speaks for a higher value.`
          : t`In log-odds of ${label}: + speaks for the label, − against it.`}
        {map.outputs && ` ${t`Behind the arrow: what the model says with it replaced.`}`}
      </Text>
    </Stack>
  );
}
