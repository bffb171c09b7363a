import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Paper, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { exchangesQuery, ownKeyQuery } from "@/api/exchanges";
import type { Exchange } from "@/api/types";
import { Chip } from "@/components/Chip";
import { Icon } from "@/components/icons";
import { May, useMay, WhyNot } from "@/components/May";
import { Problem } from "@/components/Note";
import { Empty, Loading, PageHead, Section } from "@/components/Page";
import { dateTime } from "@/lib/format";
import { exchangePath } from "@/lib/paths";
import { ExchangeForm } from "./ExchangeForm";

/** The exchanges of this installation: where models are found and published. */
export function ExchangesPage() {
  const exchanges = useQuery(exchangesQuery());
  const [adding, setAdding] = useState(false);
  const adds = useMay()("add_exchange");
  return (
    <Stack gap="lg">
      <PageHead
        title={t`Model ExChanGe`}
        lead={t`Find models of others, and publish your own. Models are shared, ECGs never: an exchange is a WebDAV folder, such as one in Nextcloud or ownCloud.`}
        actions={
          <May operation="add_exchange">
            <Button leftSection={<Icon name="plus" />} onClick={() => setAdding(true)}>
              <Trans>Add an exchange</Trans>
            </Button>
          </May>
        }
      />
      <ExchangeForm open={adding} onClose={() => setAdding(false)} />
      <Problem error={exchanges.error} title={t`The exchanges cannot be shown`} />
      {exchanges.isPending && <Loading label={t`Loading exchanges`} />}
      {exchanges.data?.length === 0 && (
        <Empty title={t`No exchange yet`}>
          {adds ? (
            <Trans>
              Paste the link of a shared folder, or the address of a WebDAV folder with your user name and password.
              Everyone who uses the same folder shares models through it.
            </Trans>
          ) : (
            <WhyNot operation="add_exchange">
              <Trans>You cannot add one.</Trans>
            </WhyNot>
          )}
        </Empty>
      )}
      {exchanges.data && exchanges.data.length > 0 && (
        <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: "none" }} aria-label={t`Exchanges`}>
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
  const when = exchange.listed_at ? dateTime(exchange.listed_at) : "";
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
              ? plural(exchange.n_models, { one: `# model, read ${when}`, other: `# models, read ${when}` })
              : t`not read yet`}
          </Text>
        </div>
        <Chip tone={exchange.access === "read_write" ? "info" : "calm"}>
          {exchange.access === "read_write" ? t`read and publish` : t`read only`}
        </Chip>
      </Group>
    </Paper>
  );
}

/** The key by which others know what is published from here. */
function OwnKey() {
  const key = useQuery(ownKeyQuery());
  if (!key.data) return <Problem error={key.error} title={t`Your key cannot be shown`} />;
  const { publisher } = key.data;
  return (
    <Paper withBorder p="md">
      <Section title={t`Your key`}>
        <Text size="sm" maw="75ch">
          {publisher
            ? t`What you publish is signed. Tell others this fingerprint, by telephone or in a letter: by it they know that a model really is yours, as “${publisher}”.`
            : t`What you publish is signed. Tell others this fingerprint, by telephone or in a letter: by it they know that a model really is yours.`}
        </Text>
        <Text className="fingerprint">{key.data.fingerprint}</Text>
      </Section>
    </Paper>
  );
}
