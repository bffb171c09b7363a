import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Group, Paper, SimpleGrid, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { exchangeModelQuery, exchangeQuery } from "@/api/exchanges";
import type { ExchangeModel } from "@/api/types";
import { TextLink } from "@/components/ButtonLink";
import { CannotShow } from "@/components/CannotShow";
import { Chip } from "@/components/Chip";
import { Facts } from "@/components/Facts";
import { Markdown } from "@/components/Markdown";
import { May } from "@/components/May";
import { Note } from "@/components/Note";
import { Loading, PageHead, Section } from "@/components/Page";
import { useParam } from "@/components/useProjectId";
import { region } from "@/language/language";
import { bytes, dateTime } from "@/lib/format";
import { exchangePath, projectPath } from "@/lib/paths";
import { CompareModels } from "./CompareModels";
import { FetchModel } from "./FetchModel";
import { SignatureChip } from "./SignatureChip";
import { Withdraw } from "./Withdraw";
import { inputText, metricName, TASKS, valueText } from "./words";

/** A model in an exchange, read and verified before anything of it is fetched: its card, its results, its key. */
export function ExchangeModelPage() {
  const exchangeId = useParam("exchangeId");
  const slug = useParam("slug");
  const version = Number(useParam("version"));
  const exchange = useQuery(exchangeQuery(exchangeId));
  const detail = useQuery(exchangeModelQuery(exchangeId, slug, version));
  if (detail.isPending || exchange.isPending) return <Loading lines={8} label={t`Reading the model's card`} />;
  if (detail.isError || exchange.isError) {
    const back = (
      <TextLink to={exchangePath(exchangeId)}>
        <Trans>Back to the exchange</Trans>
      </TextLink>
    );
    return <CannotShow title={t`The model cannot be shown`} error={detail.error ?? exchange.error} action={back} />;
  }
  const { model, card } = detail.data;
  const withdrawn = model.withdrawn !== "";
  return (
    <Stack gap="lg">
      <ModelHead exchangeId={exchangeId} exchange={exchange.data.name} model={model} />
      {withdrawn && (
        <Note tone="bad" title={t`This model was withdrawn by its publisher`}>
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
        <Section title={t`Card, in the words of its publisher`}>
          <Markdown text={card} topLevel={3} />
        </Section>
      </Paper>
      {exchange.data.access === "read_write" && !withdrawn && (
        <May operation="start_exchange_job">
          <Withdraw exchangeId={exchangeId} model={model} />
        </May>
      )}
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
            <TextLink to="/exchanges">{t`Model ExChanGe`}</TextLink> ·{" "}
            <TextLink to={exchangePath(exchangeId)}>{exchange}</TextLink> · {model.labels.join(", ")}
          </>
        }
      />
      <Group gap={6}>
        <SignatureChip model={model} />
        {!model.newest && (
          <Chip tone="warn">
            <Trans>there is a newer version</Trans>
          </Chip>
        )}
      </Group>
    </Stack>
  );
}

function Here({ model }: { model: ExchangeModel }) {
  if (model.here.length === 0) return null;
  return (
    <Note tone="good" title={t`This very model is on this platform already`}>
      {model.here.map(({ model_id, project_id, project_name, name }) => (
        <div key={model_id}>
          <Trans>
            <TextLink to={projectPath(project_id, "models", model_id)}>{name}</TextLink> in the project “{project_name}”
          </Trans>
        </div>
      ))}
      <Trans>It can be used in every project.</Trans>
    </Note>
  );
}

function About({ model }: { model: ExchangeModel }) {
  const { versions } = model;
  const version = model.version ?? "–";
  const lineage = model.lineage.reduce((made, { name }) => (made ? t`${made}, from “${name}”` : t`“${name}”`), "");
  return (
    <Paper withBorder p="md">
      <Section title={t`About the model`}>
        <Facts
          facts={[
            [t`Publisher`, model.publisher],
            [
              t({ message: "Key", context: "signature" }),
              model.fingerprint && <span className="fingerprint">{model.fingerprint}</span>,
            ],
            [t`Version`, t`${version} of ${versions}`],
            [t`Published`, model.published && dateTime(model.published)],
            [t`What is new`, model.notes],
            [t`Licence`, model.licence],
            [t`Intended use`, model.intended_use],
            [t`It tells`, model.task && TASKS[model.task]],
            [t`Labels`, model.label_names.join(", ")],
            [t`Leads`, model.leads.join(", ")],
            [t`Input`, inputText(model)],
            [t`Architecture`, model.architecture],
            [t`Parameters`, model.parameters?.toLocaleString(region())],
            [t`Made from`, lineage],
            [t`Can be fine-tuned`, model.fine_tunes ? t`yes, as a whole` : t`its head at most`],
            [t`Size`, bytes(model.size)],
          ]}
        />
      </Section>
    </Paper>
  );
}

function Metrics({ model }: { model: ExchangeModel }) {
  const tested = model.tested_on.toLocaleString(region());
  const trained = model.trained_on.toLocaleString(region());
  return (
    <Paper withBorder p="md">
      <Section title={t`Results it states`}>
        {model.metrics.length === 0 ? (
          <Text size="sm">
            <Trans>It states none. Evaluate it on your own recordings before you rely on it.</Trans>
          </Text>
        ) : (
          <>
            <Table className="numbers" aria-label={t`Results`}>
              <Table.Tbody>
                {model.metrics.map(({ name, value, low, high }) => (
                  <Table.Tr key={name}>
                    <Table.Th fw={400}>{metricName(name)}</Table.Th>
                    <Table.Td ta="right">{value === null ? t`withheld` : valueText(value, low, high)}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
            <Text size="sm" c="dimmed">
              <Trans>
                On {tested} ECGs of its own test part; trained on {trained}. Not verified here.
              </Trans>
            </Text>
          </>
        )}
      </Section>
    </Paper>
  );
}
