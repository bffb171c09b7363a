import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Stack, Tabs, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useSearchParams } from "react-router";
import { exchangeQuery, readExchange } from "@/api/exchanges";
import type { Exchange } from "@/api/types";
import { ButtonLink, TextLink } from "@/components/ButtonLink";
import { CannotShow } from "@/components/CannotShow";
import { Icon } from "@/components/icons";
import { May } from "@/components/May";
import { Notes, Problem } from "@/components/Note";
import { Loading, PageHead } from "@/components/Page";
import { useParam } from "@/components/useProjectId";
import { dateTime } from "@/lib/format";
import { ExchangeForm } from "./ExchangeForm";
import { ExchangeModels } from "./ExchangeModels";
import { ExchangeSettings } from "./ExchangeSettings";
import { Keys } from "./Keys";
import { Rounds } from "./rounds/Rounds";
import { Transfers } from "./Transfers";

const TABS = ["models", "rounds", "transfers", "keys", "settings"] as const;

/** One exchange: what it offers, what went to and fro, whom it trusts. */
export function ExchangePage() {
  const exchangeId = useParam("exchangeId");
  const exchange = useQuery(exchangeQuery(exchangeId));
  if (exchange.isPending) return <Loading lines={8} label={t`Loading exchange`} />;
  if (exchange.isError) {
    return (
      <CannotShow
        title={t`The exchange cannot be shown`}
        error={exchange.error}
        action={
          <ButtonLink to="/exchanges">
            <Trans>Back to the exchanges</Trans>
          </ButtonLink>
        }
      />
    );
  }
  return <Opened key={exchangeId} exchange={exchange.data} />;
}

function Opened({ exchange }: { exchange: Exchange }) {
  const queries = useQueryClient();
  const [params, setParams] = useSearchParams();
  const [changing, setChanging] = useState(false);
  const tab = TABS.find((name) => name === params.get("tab")) ?? "models";
  const refresh = () => queries.invalidateQueries({ queryKey: ["exchange", exchange.id] });
  const read = useMutation({ mutationFn: () => readExchange(exchange.id), onSuccess: refresh });
  // What the exchange offers is read anew whenever it is opened; until then one sees what it offered last.
  const begun = useRef(false);
  const { mutate } = read;
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    mutate();
  }, [mutate]);
  return (
    <Stack gap="lg">
      <PageHead
        title={exchange.name}
        lead={
          <>
            <TextLink to="/exchanges">{t`Model ExChanGe`}</TextLink> · {exchange.url}
            {exchange.access === "read" && ` · ${t`read only`}`}
          </>
        }
        actions={
          <Group gap="xs">
            <Button
              variant="default"
              leftSection={<Icon name="again" />}
              loading={read.isPending}
              onClick={() => read.mutate()}
            >
              <Trans>Read again</Trans>
            </Button>
            <May operation="change_exchange">
              <Button
                variant="default"
                leftSection={<Icon name="pencil" size={16} />}
                onClick={() => setChanging(true)}
              >
                <Trans>Change</Trans>
              </Button>
            </May>
          </Group>
        }
      />
      <ExchangeForm open={changing} onClose={() => setChanging(false)} known={exchange} />
      <Problem error={read.error} title={t`The exchange could not be read`} />
      {read.data && <Notes notes={read.data.notes} title={t`Not everything could be read`} />}
      <Text size="sm" c="dimmed" aria-live="polite">
        {read.isPending
          ? t`Reading what it offers …`
          : exchange.listed_at
            ? t`Read ${{ when: dateTime(exchange.listed_at) }}`
            : t`It has not been read yet.`}
      </Text>
      <Tabs value={tab} onChange={(name) => name && setParams({ tab: name }, { replace: true })} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="models">
            <Trans>Models</Trans>
          </Tabs.Tab>
          <Tabs.Tab value="rounds">
            <Trans>Training together</Trans>
          </Tabs.Tab>
          <Tabs.Tab value="transfers">
            <Trans>Transfers</Trans>
          </Tabs.Tab>
          <Tabs.Tab value="keys">
            <Trans context="signature">Keys</Trans>
          </Tabs.Tab>
          <Tabs.Tab value="settings">
            <Trans>Settings</Trans>
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="models" pt="md">
          <ExchangeModels exchange={exchange} />
        </Tabs.Panel>
        <Tabs.Panel value="rounds" pt="md">
          <Rounds exchange={exchange} />
        </Tabs.Panel>
        <Tabs.Panel value="transfers" pt="md">
          <Transfers exchangeId={exchange.id} />
        </Tabs.Panel>
        <Tabs.Panel value="keys" pt="md">
          <Keys exchangeId={exchange.id} />
        </Tabs.Panel>
        <Tabs.Panel value="settings" pt="md">
          <ExchangeSettings exchange={exchange} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}
