import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { roundsQuery } from "@/api/rounds";
import type { Exchange } from "@/api/types";
import { Icon } from "@/components/icons";
import { useMay } from "@/components/May";
import { Notes, Problem } from "@/components/Note";
import { Empty, Loading } from "@/components/Page";
import { RoundCard } from "./RoundCard";
import { StartRound } from "./StartRound";

/** The federated rounds of an exchange: sites train the same base on their own recordings, and share what changed. */
export function Rounds({ exchange }: { exchange: Exchange }) {
  const rounds = useQuery(roundsQuery(exchange.id));
  const may = useMay();
  const [starting, setStarting] = useState(false);
  const writes = exchange.access === "read_write";
  const found = rounds.data?.rounds ?? [];
  return (
    <Stack gap="md">
      <Group justify="space-between" align="flex-start">
        <Text size="sm" c="dimmed" maw="70ch">
          <Trans>
            In a round, several hospitals fine-tune the same model on their own ECGs. Each sends how its weights have
            changed and counts of recordings, no ECG and nothing of a single patient; one of them averages the changes
            into the next version.
          </Trans>
        </Text>
        {writes && may("start_round") && (
          <Button leftSection={<Icon name="plus" />} onClick={() => setStarting(true)}>
            <Trans>Start a round</Trans>
          </Button>
        )}
      </Group>
      <Problem error={rounds.error} title={t`The rounds cannot be shown`} />
      {rounds.isPending && <Loading label={t`Reading the rounds`} />}
      {rounds.data && <Notes notes={rounds.data.notes} title={t`Not everything could be read`} />}
      {rounds.data && found.length === 0 && (
        <Empty title={t`No round has been started yet`}>
          {writes
            ? t`Publish or fetch a model, then start a round from it and tell the other sites.`
            : t`This exchange is read-only here; taking part needs writing.`}
        </Empty>
      )}
      {found.length > 0 && (
        <Stack component="ul" gap="md" p={0} m={0} style={{ listStyle: "none" }} aria-label={t`Rounds`}>
          {found.map((round) => (
            <RoundCard key={`${round.slug}/${round.number}`} exchangeId={exchange.id} round={round} writes={writes} />
          ))}
        </Stack>
      )}
      {starting && <StartRound exchangeId={exchange.id} onClose={() => setStarting(false)} />}
    </Stack>
  );
}
