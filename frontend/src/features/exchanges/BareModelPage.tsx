import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Paper, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { exchangeModelsQuery, exchangeQuery } from "@/api/exchanges";
import { TextLink } from "@/components/ButtonLink";
import { CannotShow } from "@/components/CannotShow";
import { Facts } from "@/components/Facts";
import { Note } from "@/components/Note";
import { Loading, Section } from "@/components/Page";
import { useParam } from "@/components/useProjectId";
import { bytes } from "@/lib/format";
import { exchangePath } from "@/lib/paths";
import { CompareModels } from "./CompareModels";
import { NO_FILTER } from "./ExchangeFilters";
import { ModelHead } from "./ExchangeModelPage";
import { FetchModel } from "./FetchModel";
import { inputText, TASKS } from "./words";

/** A bare ONNX file in an exchange: what its metadata say, and that nobody has signed it. */
export function BareModelPage() {
  const exchangeId = useParam("exchangeId");
  const name = useParam("name");
  const exchange = useQuery(exchangeQuery(exchangeId));
  const models = useQuery(exchangeModelsQuery(exchangeId, { ...NO_FILTER, text: name }));
  if (models.isPending || exchange.isPending) return <Loading lines={8} label={t`Loading model`} />;
  const model = models.data?.items.find((one) => one.bare && one.name === name);
  if (exchange.isError || !model) {
    const gone = new Error(t`It is not in the list of the exchange, as far as it was read.`);
    const back = (
      <TextLink to={exchangePath(exchangeId)}>
        <Trans>Back to the exchange</Trans>
      </TextLink>
    );
    return (
      <CannotShow title={t`The model cannot be shown`} error={models.error ?? exchange.error ?? gone} action={back} />
    );
  }
  return (
    <Stack gap="lg">
      <ModelHead exchangeId={exchangeId} exchange={exchange.data.name} model={model} />
      <Note tone="warn" title={t`Unverified`}>
        <Trans>
          This is a bare ONNX file, as the original ExChanGeAI keeps them. Nobody has signed it: anyone who can write in
          the folder may have put it there. It is tried in a limited process before it is taken in.
        </Trans>
      </Note>
      {model.why ? (
        <Note tone="bad" title={t`It does not say what it tells`}>
          {model.why}
        </Note>
      ) : (
        <FetchModel exchangeId={exchangeId} model={model} />
      )}
      <Paper withBorder p="md">
        <Section title={t`What the file says`}>
          <Facts
            facts={[
              [t`Labels`, model.labels.join(", ")],
              [t`It tells`, model.task && TASKS[model.task]],
              [t`Input`, inputText(model)],
              [t`Size`, bytes(model.size)],
            ]}
          />
        </Section>
      </Paper>
      <CompareModels model={model} />
    </Stack>
  );
}
