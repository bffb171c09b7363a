import { Button, Group, Paper, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { exchangesQuery, ownKeyQuery } from "@/api/exchanges";
import type { Exchange } from "@/api/types";
import { Chip } from "@/components/Chip";
import { Icon } from "@/components/icons";
import { Problem } from "@/components/Note";
import { Empty, Loading, PageHead, Section } from "@/components/Page";
import { count, dateTime } from "@/lib/format";
import { exchangePath } from "@/lib/paths";
import { ExchangeForm } from "./ExchangeForm";

/** The exchanges of this installation: where models are found and published. */
export function ExchangesPage() {
  const exchanges = useQuery(exchangesQuery());
  const [adding, setAdding] = useState(false);
  return (
    <Stack gap="lg">
      <PageHead
        title="Model ExChanGe"
        lead="Find models of others, and publish your own. Models are shared, ECGs never: an exchange is a WebDAV folder, such as one in Nextcloud or ownCloud."
        actions={
          <Button leftSection={<Icon name="plus" />} onClick={() => setAdding(true)}>
            Add an exchange
          </Button>
        }
      />
      <ExchangeForm open={adding} onClose={() => setAdding(false)} />
      <Problem error={exchanges.error} title="The exchanges cannot be shown" />
      {exchanges.isPending && <Loading label="Loading exchanges" />}
      {exchanges.data?.length === 0 && (
        <Empty title="No exchange yet">
          Paste the link of a shared folder, or the address of a WebDAV folder with your user name and password.
          Everyone who uses the same folder shares models through it.
        </Empty>
      )}
      {exchanges.data && exchanges.data.length > 0 && (
        <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: "none" }} aria-label="Exchanges">
          {exchanges.data.map((exchange) => (
            <ExchangeRow key={exchange.id} exchange={exchange} />
          ))}
        </Stack>
      )}
      <OwnKey />
    </Stack>
  );
}

function ExchangeRow({ exchange }: { exchange: Exchange }) {
  return (
    <Paper component="li" withBorder p="md">
      <Group justify="space-between" gap="sm" align="flex-start">
        <div style={{ minWidth: 0, flex: "1 1 280px" }}>
          <Link className="row-link" to={exchangePath(exchange.id)}>
            {exchange.name}
          </Link>
          <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            {exchange.url}
          </Text>
          <Text size="sm" c="dimmed">
            {exchange.listed_at
              ? `${count(exchange.n_models, "model")}, read ${dateTime(exchange.listed_at)}`
              : "not read yet"}
          </Text>
        </div>
        <Chip tone={exchange.access === "read_write" ? "info" : "calm"}>
          {exchange.access === "read_write" ? "read and publish" : "read only"}
        </Chip>
      </Group>
    </Paper>
  );
}

/** The key by which others know what is published from here. */
function OwnKey() {
  const key = useQuery(ownKeyQuery());
  if (!key.data) return <Problem error={key.error} title="Your key cannot be shown" />;
  return (
    <Paper withBorder p="md">
      <Section title="Your key">
        <Text size="sm" maw="75ch">
          What you publish is signed. Tell others this fingerprint, by telephone or in a letter: by it they know that a
          model really is yours{key.data.publisher && `, as “${key.data.publisher}”`}.
        </Text>
        <Text className="fingerprint">{key.data.fingerprint}</Text>
      </Section>
    </Paper>
  );
}
