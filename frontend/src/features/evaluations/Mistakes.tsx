import { t } from "@lingui/core/macro";
import { Plural, Trans } from "@lingui/react/macro";
import { Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { runMistakesQuery } from "@/api/runs";
import type { RunMistakes } from "@/api/types";
import { ButtonLink } from "@/components/ButtonLink";
import { Section } from "@/components/Page";
import { region } from "@/language/language";
import { cellWords } from "@/lib/cellList";
import { projectPath } from "@/lib/paths";
import { listAddress, type RecordingList } from "@/lib/recordingList";

type Mistake = RunMistakes["mistakes"][number];

/** What a cross-validated training told wrongly, each kind with the way to its recordings; nothing of values. */
export function Mistakes({ projectId, runId }: { projectId: string; runId: string }) {
  const { data } = useQuery(runMistakesQuery(projectId, runId));
  if (!data || data.n === 0) return null; // also where its dataset is gone, which the page says elsewhere
  const tested = data.n.toLocaleString(region());
  return (
    <Section title={t`Told wrongly`}>
      <Stack gap="xs">
        <Text size="sm">
          <Plural
            value={data.n_wrong}
            _0={`None of ${tested} recordings was told wrongly by the models that had not seen it.`}
            one={`# of ${tested} recordings was told wrongly by the models that had not seen it. Look at it: is it the model, or the label?`}
            other={`# of ${tested} recordings were told wrongly by the models that had not seen them. Look at them: is it the model, or the label?`}
          />
        </Text>
        <Group gap="xs">
          {data.mistakes.map((one) => (
            <ButtonLink
              key={`${one.label} ${one.cell} ${one.predicted_label}`}
              size="xs"
              variant="default"
              to={`${projectPath(projectId, "recordings")}${listAddress(asList(runId, one))}`}
            >
              {wordsOf(one)}
            </ButtonLink>
          ))}
        </Group>
        {data.n_wrong > 0 && (
          <Text size="sm" c="dimmed">
            <Trans>
              By the mean over all repeats and the thresholds of the model. The counts above take the thresholds of each
              fold from the others, and may differ a little.
            </Trans>
          </Text>
        )}
      </Stack>
    </Section>
  );
}

/** The recordings of a kind of mistake as a list, such as one that is labelled. */
function asList(runId: string, one: Mistake): RecordingList {
  return {
    run_id: runId,
    evaluated_label: one.label,
    ...(one.predicted_label ? { predicted_label: one.predicted_label } : { cell: one.cell ?? "" }),
  };
}

function wordsOf({ label, cell, predicted_label, n }: Mistake): string {
  const what = cellWords({
    label,
    ...(cell ? { cell } : {}),
    ...(predicted_label ? { predicted: predicted_label } : {}),
  });
  return `${n.toLocaleString(region())} × ${what}`;
}
