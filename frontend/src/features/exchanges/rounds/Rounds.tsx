import { Button, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { roundsQuery } from "@/api/rounds";
import type { Exchange } from "@/api/types";
import { Icon } from "@/components/icons";
import { Notes, Problem } from "@/components/Note";
import { Empty, Loading } from "@/components/Page";
import { RoundCard } from "./RoundCard";
import { StartRound } from "./StartRound";

/** The federated rounds of an exchange: sites train the same base on their own recordings, and share what changed. */
export function Rounds({ exchange }: { exchange: Exchange }) {
  const rounds = useQuery(roundsQuery(exchange.id));
  const [starting, setStarting] = useState(false);
  const writes = exchange.access === "read_write";
  const found = rounds.data?.rounds ?? [];
  return (
    <Stack gap="md">
      <Group justify="space-between" align="flex-start">
        <Text size="sm" c="dimmed" maw="70ch">
          In a round, several hospitals fine-tune the same model on their own ECGs. Each sends how its weights have
          changed and counts of recordings, no ECG and nothing of a single patient; one of them averages the changes
          into the next version.
        </Text>
        {writes && (
          <Button leftSection={<Icon name="plus" />} onClick={() => setStarting(true)}>
            Start a round
          </Button>
        )}
      </Group>
      <Problem error={rounds.error} title="The rounds cannot be shown" />
      {rounds.isPending && <Loading label="Reading the rounds" />}
      {rounds.data && <Notes notes={rounds.data.notes} title="Not everything could be read" />}
      {rounds.data && found.length === 0 && (
        <Empty title="No round has been started yet">
          {writes
            ? "Publish or fetch a model, then start a round from it and tell the other sites."
            : "This exchange is read-only here; taking part needs writing."}
        </Empty>
      )}
      {found.length > 0 && (
        <Stack component="ul" gap="md" p={0} m={0} style={{ listStyle: "none" }} aria-label="Rounds">
          {found.map((round) => (
            <RoundCard key={`${round.slug}/${round.number}`} exchangeId={exchange.id} round={round} writes={writes} />
          ))}
        </Stack>
      )}
      {starting && <StartRound exchangeId={exchange.id} onClose={() => setStarting(false)} />}
    </Stack>
  );
}
