import { Button, Group, Paper, Stack } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { checkExchange, removeExchange } from "@/api/exchanges";
import type { Exchange } from "@/api/types";
import { ConfirmButton } from "@/components/ConfirmButton";
import { Facts } from "@/components/Facts";
import { Note, Problem } from "@/components/Note";
import { Section } from "@/components/Page";
import { bytes, count } from "@/lib/format";
import { LongWork } from "./LongWork";

/** Where an exchange is, whether it answers, and what can be done with it as a whole. */
export function ExchangeSettings({ exchange }: { exchange: Exchange }) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const check = useMutation({ mutationFn: () => checkExchange(exchange.id) });
  const found = check.data;
  const room = found?.free_bytes == null ? "" : `, ${bytes(found.free_bytes)} free`;
  return (
    <Stack gap="md">
      <Paper withBorder p="md">
        <Section title="Connection">
          <Facts
            facts={[
              ["Address", exchange.url],
              ["User", exchange.username || "none"],
              ["Password", exchange.has_password ? "kept, sealed" : "none"],
              ["Access", exchange.access === "read_write" ? "read and publish" : "read only"],
              ["Own certificate authority", exchange.certificate !== "" && "yes"],
              ["Without https", exchange.plain_http && "allowed"],
            ]}
          />
          <Group>
            <Button variant="default" loading={check.isPending} onClick={() => check.mutate()}>
              Try the connection
            </Button>
          </Group>
          <Problem error={check.error} title="It does not work" />
          {found && (
            <Note tone="good" title="It works" alert>
              {count(found.n_entries, "entry", "entries")} in the folder
              {found.writable && ", and writing is allowed"}
              {room}.
            </Note>
          )}
        </Section>
      </Paper>
      <Paper withBorder p="md">
        <Section title="Verify">
          <LongWork exchangeId={exchange.id} kind="verify" button="Verify all models">
            Fetches every model and looks at sizes, hashes, signatures and contents. Nothing is kept but what was found.
          </LongWork>
        </Section>
      </Paper>
      {exchange.access === "read_write" && (
        <Paper withBorder p="md">
          <Section title="Index">
            <LongWork exchangeId={exchange.id} kind="index" button="Make the index anew">
              The file index.json lists all models, so that one request shows them. If it is missing or wrong, make it
              anew from the models themselves; each is verified.
            </LongWork>
          </Section>
        </Paper>
      )}
      <Group>
        <ConfirmButton
          label="Remove the exchange"
          question="Remove the exchange?"
          confirm="Remove"
          onConfirm={() => removeExchange(exchange.id)}
          onDone={() => {
            void queries.invalidateQueries({ queryKey: ["exchanges"] });
            navigate("/exchanges");
          }}
        >
          “{exchange.name}”, its password and the keys trusted in it are forgotten here. The folder itself and the
          models you fetched from it stay.
        </ConfirmButton>
      </Group>
    </Stack>
  );
}
