import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Checkbox, Group, Paper, SegmentedControl, Select, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useNavigate } from "react-router";
import { comparisonEstimateQuery, createComparison } from "@/api/comparisons";
import type { Comparison, ComparisonIn, Dataset, ExpectedCandidate } from "@/api/types";
import { FoldsBy, type FoldsByValue } from "@/components/FoldsBy";
import { Icon } from "@/components/icons";
import { Note, Problem } from "@/components/Note";
import { Loading, Section } from "@/components/Page";
import { timeRange } from "@/lib/format";
import { projectPath } from "@/lib/paths";

const BUDGETS = [
  { value: "5", label: t`5 minutes` },
  { value: "30", label: t`Half an hour` },
  { value: "240", label: t`4 hours` },
];
const MOST = 12;

type Props = { projectId: string; datasets: Dataset[] /** A comparison that is run again. */; again?: Comparison };

/** Asks for labels, time and candidates; those that fit into the time are chosen until somebody chooses others. */
export function ComparisonForm({ projectId, datasets, again }: Props) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const same = datasets.find(({ id }) => id === again?.dataset_id);
  const [datasetId, setDatasetId] = useState(same?.id ?? datasets[0]?.id ?? "");
  const [minutes, setMinutes] = useState("5");
  const [repeats, setRepeats] = useState(again?.repeats ?? 1);
  const [foldsBy, setFoldsBy] = useState<FoldsByValue>(again && same ? again.folds_by : "patient");
  // The models and labels of an earlier comparison, until another time or table is chosen.
  const [earlier, setEarlier] = useState(again && same ? earlierOf(again) : null);
  const [titles, setTitles] = useState<string[] | null>(null);
  const asked: ComparisonIn = {
    dataset_id: datasetId,
    name: earlier && again ? ownName(again) : "",
    minutes: Number(minutes),
    folds_by: foldsBy,
    folds: again?.folds ?? 5,
    repeats: foldsBy === "patient" ? repeats : 1,
    split_seed: again?.split_seed ?? 1,
    ...earlier,
  };
  const estimate = useQuery(comparisonEstimateQuery(projectId, asked));
  const candidates = estimate.data?.candidates ?? [];
  const isChosen = (one: ExpectedCandidate) => (titles ? titles.includes(one.title) : one.included);
  const chosen = candidates.filter(isChosen);
  const start = useMutation({
    mutationFn: () =>
      createComparison(
        projectId,
        titles ? { ...asked, candidates: chosen.map(({ candidate, title }) => ({ ...candidate, title })) } : asked,
      ),
    onSuccess: (comparison) => {
      void queries.invalidateQueries({ queryKey: ["project", projectId, "comparisons"] });
      navigate(projectPath(projectId, "comparisons", comparison.id));
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    start.mutate();
  };
  const toggle = (one: ExpectedCandidate) => {
    const now = chosen.map(({ title }) => title);
    setTitles(now.includes(one.title) ? now.filter((title) => title !== one.title) : [...now, one.title]);
  };
  const total = chosen.reduce((sum, { seconds }) => sum + seconds, 0);
  const [n, time] = [chosen.length, timeRange(total, total)];
  return (
    <Paper withBorder p="md">
      <form onSubmit={submit}>
        <Stack gap="lg">
          {again && !same && (
            <Note tone="warn" title={t`Not everything can be as it was`}>
              <Trans>The label table “{{ name: again.dataset_name }}” is not there any more. Choose another one.</Trans>
            </Note>
          )}
          <Select
            label={t`Label table`}
            data={datasets.map(({ id, name, n_matched }) => ({
              value: id,
              label: plural(n_matched, { one: `${name} (# recording)`, other: `${name} (# recordings)` }),
            }))}
            value={datasetId}
            allowDeselect={false}
            onChange={(id) => {
              setTitles(null);
              setEarlier(null);
              setFoldsBy("patient");
              setDatasetId(id ?? datasetId);
            }}
          />
          <FoldsBy
            projectId={projectId}
            datasetId={datasetId}
            value={foldsBy}
            onChange={(by) => {
              setTitles(null);
              setFoldsBy(by);
            }}
          />
          <Stack gap={4}>
            <Text size="sm" fw={500} id="time-to-spend">
              <Trans>How long may it take?</Trans>
            </Text>
            <SegmentedControl
              aria-labelledby="time-to-spend"
              data={BUDGETS}
              value={earlier ? "" : minutes}
              onChange={(value) => {
                setTitles(null);
                setEarlier(null);
                setMinutes(value);
              }}
            />
          </Stack>
          <Section title={t`Models to compare`}>
            <Problem error={estimate.error} title={t`These recordings cannot be compared on`} />
            {estimate.isPending && <Loading label={t`Estimating`} />}
            <Stack gap="xs" role="group" aria-label={t`Models to compare`}>
              {candidates.map((one) => (
                <Checkbox
                  key={one.title}
                  label={one.title}
                  description={one.seconds > 0 ? costOf(one.seconds) : one.why_not}
                  disabled={one.seconds === 0}
                  checked={isChosen(one)}
                  onChange={() => toggle(one)}
                />
              ))}
            </Stack>
          </Section>
          {foldsBy === "patient" && (
            <Checkbox
              label={t`Divide the recordings anew three times`}
              description={t`The result depends less on the luck of one division, and takes three times as long.`}
              checked={repeats >= 3}
              onChange={(event) => setRepeats(event.currentTarget.checked ? Math.max(3, again?.repeats ?? 3) : 1)}
            />
          )}
          <Problem error={start.error} title={t`The comparison could not be started`} />
          <Group gap="sm">
            <Button
              type="submit"
              loading={start.isPending}
              disabled={chosen.length < 2 || chosen.length > MOST || estimate.isError}
              leftSection={<Icon name="play" />}
            >
              <Trans>Compare</Trans>
            </Button>
            <Text size="sm" aria-live="polite">
              {chosen.length < 2
                ? t`Choose at least two models.`
                : plural(n, { one: `# model, ${time} in all.`, other: `# models, ${time} in all.` })}
            </Text>
          </Group>
        </Stack>
      </form>
    </Paper>
  );
}

function earlierOf({ candidates, labels }: Comparison): Pick<ComparisonIn, "candidates" | "labels"> {
  return { candidates: candidates.map(({ asked, title }) => ({ ...asked, title })), labels };
}

/** A name that a person has given; the platform's own is made anew. */
function ownName({ name, dataset_name: table }: Comparison): string {
  // Not translated: as the API names it
  return name === `Which model for ${table}?` ? "" : name;
}

function costOf(seconds: number): string {
  const time = timeRange(seconds, seconds);
  return t`Training and testing take ${time}.`;
}
