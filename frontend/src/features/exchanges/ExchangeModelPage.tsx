import { Group, Paper, SimpleGrid, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { exchangeModelQuery, exchangeQuery } from "@/api/exchanges";
import type { ExchangeModel } from "@/api/types";
import { TextLink } from "@/components/ButtonLink";
import { CannotShow } from "@/components/CannotShow";
import { Chip } from "@/components/Chip";
import { Facts } from "@/components/Facts";
import { Markdown } from "@/components/Markdown";
import { Note } from "@/components/Note";
import { Loading, PageHead, Section } from "@/components/Page";
import { useParam } from "@/components/useProjectId";
import { region } from "@/language/language";
import { bytes, dateTime, hertz, score } from "@/lib/format";
import { exchangePath, projectPath } from "@/lib/paths";
import { CompareModels } from "./CompareModels";
import { FetchModel } from "./FetchModel";
import { SignatureChip } from "./SignatureChip";
import { Withdraw } from "./Withdraw";
import { metricName, TASKS } from "./words";

/** A model in an exchange, read and verified before anything of it is fetched: its card, its results, its key. */
export function ExchangeModelPage() {
  const exchangeId = useParam("exchangeId");
  const slug = useParam("slug");
  const version = Number(useParam("version"));
  const exchange = useQuery(exchangeQuery(exchangeId));
  const detail = useQuery(exchangeModelQuery(exchangeId, slug, version));
  if (detail.isPending || exchange.isPending) return <Loading lines={8} label="Reading the model's card" />;
  if (detail.isError || exchange.isError) {
    const back = <TextLink to={exchangePath(exchangeId)}>Back to the exchange</TextLink>;
    return <CannotShow title="The model cannot be shown" error={detail.error ?? exchange.error} action={back} />;
  }
  const { model, card } = detail.data;
  const withdrawn = model.withdrawn !== "";
  return (
    <Stack gap="lg">
      <ModelHead exchangeId={exchangeId} exchange={exchange.data.name} model={model} />
      {withdrawn && (
        <Note tone="bad" title="This model was withdrawn by its publisher">
          {model.withdrawn}
        </Note>
      )}
      <Here model={model} />
      {!withdrawn && <FetchModel exchangeId={exchangeId} model={model} />}
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <About model={model} />
        <Metrics model={model} />
      </SimpleGrid>
      <CompareModels model={model} />
      <Paper withBorder p="md">
        <Section title="Card, in the words of its publisher">
          <Markdown text={card} topLevel={3} />
        </Section>
      </Paper>
      {exchange.data.access === "read_write" && !withdrawn && <Withdraw exchangeId={exchangeId} model={model} />}
    </Stack>
  );
}

/** Name of a model in an exchange, what it tells, and what is known of its key. */
export function ModelHead({
  exchangeId,
  exchange,
  model,
}: {
  exchangeId: string;
  exchange: string;
  model: ExchangeModel;
}) {
  return (
    <Stack gap="xs">
      <PageHead
        title={model.name}
        lead={
          <>
            <TextLink to="/exchanges">Model ExChanGe</TextLink> ·{" "}
            <TextLink to={exchangePath(exchangeId)}>{exchange}</TextLink> · {model.labels.join(", ")}
          </>
        }
      />
      <Group gap={6}>
        <SignatureChip model={model} />
        {!model.newest && <Chip tone="warn">there is a newer version</Chip>}
      </Group>
    </Stack>
  );
}

function Here({ model }: { model: ExchangeModel }) {
  if (model.here.length === 0) return null;
  return (
    <Note tone="good" title="This very model is on this platform already">
      {model.here.map(({ model_id, project_id, project_name, name }) => (
        <div key={model_id}>
          <TextLink to={projectPath(project_id, "models", model_id)}>{name}</TextLink> in the project “{project_name}”
        </div>
      ))}
      It can be used in every project.
    </Note>
  );
}

function About({ model }: { model: ExchangeModel }) {
  const lineage: ReactNode = model.lineage.length > 0 && model.lineage.map(({ name }) => `“${name}”`).join(", from ");
  return (
    <Paper withBorder p="md">
      <Section title="About the model">
        <Facts
          facts={[
            ["Publisher", model.publisher],
            ["Key", model.fingerprint && <span className="fingerprint">{model.fingerprint}</span>],
            ["Version", `${model.version} of ${model.versions}`],
            ["Published", model.published && dateTime(model.published)],
            ["What is new", model.notes],
            ["Licence", model.licence],
            ["Intended use", model.intended_use],
            ["It tells", model.task && TASKS[model.task]],
            ["Labels", model.label_names.join(", ")],
            ["Leads", model.leads.join(", ")],
            ["Input", model.rate && `${hertz(model.rate)}, ${model.seconds ?? "?"} s`],
            ["Architecture", model.architecture],
            ["Parameters", model.parameters?.toLocaleString(region())],
            ["Made from", lineage],
            ["Can be fine-tuned", model.fine_tunes ? "yes, as a whole" : "its head at most"],
            ["Size", bytes(model.size)],
          ]}
        />
      </Section>
    </Paper>
  );
}

function Metrics({ model }: { model: ExchangeModel }) {
  return (
    <Paper withBorder p="md">
      <Section title="Results it states">
        {model.metrics.length === 0 ? (
          <Text size="sm">It states none. Evaluate it on your own recordings before you rely on it.</Text>
        ) : (
          <>
            <Table className="numbers" aria-label="Results">
              <Table.Tbody>
                {model.metrics.map(({ name, value, low, high }) => (
                  <Table.Tr key={name}>
                    <Table.Th fw={400}>{metricName(name)}</Table.Th>
                    <Table.Td ta="right">
                      {value === null ? "withheld" : score(value)}
                      {low !== null && high !== null && ` (${score(low)} to ${score(high)})`}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
            <Text size="sm" c="dimmed">
              On {model.tested_on.toLocaleString(region())} ECGs of its own test part; trained on{" "}
              {model.trained_on.toLocaleString(region())}. Not verified here.
            </Text>
          </>
        )}
      </Section>
    </Paper>
  );
}
