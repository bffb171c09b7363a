import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Paper, Stack } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { checkExchange, removeExchange } from "@/api/exchanges";
import type { Exchange } from "@/api/types";
import { ConfirmButton } from "@/components/ConfirmButton";
import { Facts } from "@/components/Facts";
import { Note, Problem } from "@/components/Note";
import { Section } from "@/components/Page";
import { bytes } from "@/lib/format";
import { LongWork } from "./LongWork";

/** Where an exchange is, whether it answers, and what can be done with it as a whole. */
export function ExchangeSettings({ exchange }: { exchange: Exchange }) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const check = useMutation({ mutationFn: () => checkExchange(exchange.id) });
  const found = check.data;
  const { name } = exchange;
  return (
    <Stack gap="md">
      <Paper withBorder p="md">
        <Section title={t`Connection`}>
          <Facts
            facts={[
              [t`Address`, exchange.url],
              [t`User`, exchange.username || t({ message: "none", context: "user" })],
              [t`Password`, exchange.has_password ? t`kept, sealed` : t({ message: "none", context: "password" })],
              [t`Access`, exchange.access === "read_write" ? t`read and publish` : t`read only`],
              [t`Own certificate authority`, exchange.certificate !== "" && t`yes`],
              [t`Without https`, exchange.plain_http && t`allowed`],
            ]}
          />
          <Group>
            <Button variant="default" loading={check.isPending} onClick={() => check.mutate()}>
              <Trans>Try the connection</Trans>
            </Button>
          </Group>
          <Problem error={check.error} title={t`It does not work`} />
          {found && (
            <Note tone="good" title={t`It works`} alert>
              {foundText(found)}
            </Note>
          )}
        </Section>
      </Paper>
      <Paper withBorder p="md">
        <Section title={t`Verify`}>
          <LongWork exchangeId={exchange.id} kind="verify" button={t`Verify all models`}>
            <Trans>
              Fetches every model and looks at sizes, hashes, signatures and contents. Nothing is kept but what was
              found.
            </Trans>
          </LongWork>
        </Section>
      </Paper>
      {exchange.access === "read_write" && (
        <Paper withBorder p="md">
          <Section title={t`Index`}>
            <LongWork exchangeId={exchange.id} kind="index" button={t`Make the index anew`}>
              <Trans>
                The file index.json lists all models, so that one request shows them. If it is missing or wrong, make it
                anew from the models themselves; each is verified.
              </Trans>
            </LongWork>
          </Section>
        </Paper>
      )}
      <Group>
        <ConfirmButton
          takes="remove_exchange"
          label={t`Remove the exchange`}
          question={t`Remove the exchange?`}
          confirm={t`Remove`}
          onConfirm={() => removeExchange(exchange.id)}
          onDone={() => {
            void queries.invalidateQueries({ queryKey: ["exchanges"] });
            navigate("/exchanges");
          }}
        >
          <Trans>
            “{name}”, its password and the keys trusted in it are forgotten here. The folder itself and the models you
            fetched from it stay.
          </Trans>
        </ConfirmButton>
      </Group>
    </Stack>
  );
}

function foundText({ n_entries, writable, free_bytes }: Awaited<ReturnType<typeof checkExchange>>): string {
  const parts = [
    plural(n_entries, { one: "# entry in the folder", other: "# entries in the folder" }),
    writable && t`and writing is allowed`,
    free_bytes != null && t`${{ size: bytes(free_bytes) }} free`,
  ];
  return `${parts.filter(Boolean).join(", ")}.`;
}
