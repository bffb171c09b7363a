import { Button, Group, Stack, Tabs, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useSearchParams } from "react-router";
import { exchangeQuery, readExchange } from "@/api/exchanges";
import type { Exchange } from "@/api/types";
import { ButtonLink, TextLink } from "@/components/ButtonLink";
import { CannotShow } from "@/components/CannotShow";
import { Icon } from "@/components/icons";
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
  if (exchange.isPending) return <Loading lines={8} label="Loading exchange" />;
  if (exchange.isError) {
    return (
      <CannotShow
        title="The exchange cannot be shown"
        error={exchange.error}
        action={<ButtonLink to="/exchanges">Back to the exchanges</ButtonLink>}
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
            <TextLink to="/exchanges">Model ExChanGe</TextLink> · {exchange.url}
            {exchange.access === "read" && " · read only"}
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
              Read again
            </Button>
            <Button variant="default" leftSection={<Icon name="pencil" size={16} />} onClick={() => setChanging(true)}>
              Change
            </Button>
          </Group>
        }
      />
      <ExchangeForm open={changing} onClose={() => setChanging(false)} known={exchange} />
      <Problem error={read.error} title="The exchange could not be read" />
      {read.data && <Notes notes={read.data.notes} title="Not everything could be read" />}
      <Text size="sm" c="dimmed" aria-live="polite">
        {read.isPending
          ? "Reading what it offers …"
          : exchange.listed_at
            ? `Read ${dateTime(exchange.listed_at)}`
            : "It has not been read yet."}
      </Text>
      <Tabs value={tab} onChange={(name) => name && setParams({ tab: name }, { replace: true })} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="models">Models</Tabs.Tab>
          <Tabs.Tab value="rounds">Training together</Tabs.Tab>
          <Tabs.Tab value="transfers">Transfers</Tabs.Tab>
          <Tabs.Tab value="keys">Keys</Tabs.Tab>
          <Tabs.Tab value="settings">Settings</Tabs.Tab>
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
