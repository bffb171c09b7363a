import { List, Paper, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { runQuery } from "@/api/runs";
import { systemQuery } from "@/api/system";
import type { Model } from "@/api/types";
import { Facts } from "@/components/Facts";
import { Notes } from "@/components/Note";
import { Section } from "@/components/Page";
import { SplitCounts } from "@/components/SplitCounts";
import { dateTime, plain } from "@/lib/format";
import { readSpec } from "./spec";

/** Everything needed to judge a model, or to train it again. */
export function HowTrained({ projectId, model }: { projectId: string; model: Model }) {
  const system = useQuery(systemQuery());
  const run = useQuery({ ...runQuery(projectId, model.run_id ?? ""), enabled: model.run_id !== null });
  const { preprocessing, training } = readSpec(model.spec);
  const preset = system.data?.presets.find(({ name }) => name === preprocessing.preset);
  const architecture = system.data?.architectures.find(({ name }) => name === model.architecture);
  const notes = run.data?.facts.notes;
  return (
    <Paper withBorder p="md">
      <Section title="How it was trained">
        <Stack gap="lg">
          <Facts
            facts={[
              [
                "Architecture",
                architecture ? `${architecture.title}: ${architecture.description}` : plain(model.architecture),
              ],
              ["Parameters", model.parameters.toLocaleString("en")],
              ["Label table", plainOrNull(run.data?.facts.dataset)],
              ["Patients", plainOrNull(run.data?.facts.n_patients)],
              ["Preprocessing", plain(preprocessing.preset)],
              ["Trained", typeof training.created === "string" ? dateTime(training.created) : null],
              ["Seed", plainOrNull(training.seed)],
              [
                "ONNX against torch",
                model.parity === null ? null : `differ by ${model.parity.toExponential(1)} at most`,
              ],
              ["Data fingerprint", typeof training.data_hash === "string" ? training.data_hash.slice(0, 16) : null],
              ["Versions", training.versions ? plain(training.versions) : null],
            ]}
          />
          {Array.isArray(notes) && <Notes notes={notes.map(String)} title="Notes of the training" />}
          {run.data && <SplitCounts facts={run.data.facts} />}
          {preset && (
            <Section title="Preprocessing, step by step">
              <List type="ordered" size="sm" spacing={4}>
                {preset.steps.map((line) => (
                  <List.Item key={line}>{line}</List.Item>
                ))}
              </List>
            </Section>
          )}
          {training.config && (
            <details>
              <summary>All training settings</summary>
              <Facts
                facts={Object.entries(training.config).map(([key, value]) => [plain(key), plain(value)] as const)}
              />
            </details>
          )}
        </Stack>
      </Section>
    </Paper>
  );
}

function plainOrNull(value: unknown): string | null {
  return value === undefined || value === null ? null : plain(value);
}
