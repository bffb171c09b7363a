import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { List, Paper, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { runQuery } from "@/api/runs";
import { systemQuery } from "@/api/system";
import type { Model } from "@/api/types";
import { Facts } from "@/components/Facts";
import { Notes } from "@/components/Note";
import { Section } from "@/components/Page";
import { SplitCounts } from "@/components/SplitCounts";
import { region } from "@/language/language";
import { dateTime, decimal, plain } from "@/lib/format";
import { preprocessingFacts } from "@/lib/preprocessing";

/** Everything needed to judge a model, or to train it again. */
export function HowTrained({ projectId, model }: { projectId: string; model: Model }) {
  const system = useQuery(systemQuery());
  const run = useQuery({
    ...runQuery(projectId, model.run_id ?? ""),
    enabled: model.run_id !== null && model.project_id === projectId,
  });
  const { config, preprocessing, training } = model.spec;
  const preset = system.data?.presets.find(({ name }) => name === preprocessing.preset);
  const architecture = system.data?.architectures.find(({ name }) => name === model.architecture);
  const notes = run.data?.facts.notes;
  const settings = training?.config ?? {};
  const method = typeof settings.method === "string" ? settings.method : null;
  const facts = run.data?.facts ?? (model.training_data ? { ...model.training_data } : null);
  return (
    <Paper withBorder p="md">
      <Section title={model.origin === "imported" ? t`About this model` : t`Training`}>
        <Stack gap="lg">
          <Facts
            facts={[
              [
                t`Architecture`,
                architecture
                  ? `${architecture.title}: ${architecture.description}`
                  : model.architecture === "external"
                    ? t`unknown (an imported ONNX graph)`
                    : plain(model.architecture),
              ],
              [t`Architecture options`, Object.keys(config).length > 0 && plain(config)],
              [t`Parameters`, model.parameters > 0 && model.parameters.toLocaleString(region())],
              [t`Label table`, plainOrNull(run.data?.facts.dataset ?? model.training_data?.dataset)],
              [t`Patients`, plainOrNull(run.data?.facts.n_patients ?? model.training_data?.n_patients)],
              [t`Method`, method && (system.data?.methods.find(({ name }) => name === method)?.title ?? plain(method))],
              [t`Preprocessing`, plain(preprocessing.preset)],
              ...(preset ? [] : preprocessingFacts(preprocessing)),
              [t`Trained`, training && dateTime(training.created)],
              [t`Seed`, plainOrNull(training?.seed)],
              [
                t`Largest difference between ONNX and PyTorch`,
                model.parity === null ? null : decimal(model.parity.toExponential(1)),
              ],
              [t`Data fingerprint`, training?.data_hash.slice(0, 16) ?? null],
              [t`Versions`, training && plain(training.versions)],
            ]}
          />
          {Array.isArray(notes) && <Notes notes={notes.map(String)} title={t`Notes on the training`} />}
          {facts && <SplitCounts facts={facts} noun={model.task === "regression" ? t`Value` : t`Label`} />}
          {preset && (
            <Section title={t`Preprocessing steps`}>
              <List type="ordered" size="sm" spacing={4}>
                {preset.steps.map((line) => (
                  <List.Item key={line}>{line}</List.Item>
                ))}
              </List>
            </Section>
          )}
          {Object.keys(settings).length > 0 && (
            <details>
              <summary>
                <Trans>All training settings</Trans>
              </summary>
              <Facts facts={Object.entries(settings).map(([key, value]) => [plain(key), plain(value)] as const)} />
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
