import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Paper, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { decideKey, forgetKey, keysQuery } from "@/api/exchanges";
import type { ExchangeKey } from "@/api/types";
import { Chip } from "@/components/Chip";
import { May } from "@/components/May";
import { Problem } from "@/components/Note";
import { Empty, Loading } from "@/components/Page";
import { dateTime } from "@/lib/format";

/** The keys that a person has trusted or refused in an exchange. */
export function Keys({ exchangeId }: { exchangeId: string }) {
  const keys = useQuery(keysQuery(exchangeId));
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed" maw="75ch">
        <Trans>
          Every publisher signs with a key of their own. The first time you meet one, you are asked whether you trust
          it; from then on, only what it has signed counts as theirs.
        </Trans>
      </Text>
      <Problem error={keys.error} title={t`The keys cannot be shown`} />
      {keys.isPending && <Loading label={t`Loading keys`} />}
      {keys.data?.length === 0 && <Empty title={t`No key has been decided on yet`} />}
      {keys.data && keys.data.length > 0 && (
        <Stack
          component="ul"
          gap="sm"
          p={0}
          m={0}
          style={{ listStyle: "none" }}
          aria-label={t({ message: "Keys", context: "signature" })}
        >
          {keys.data.map((key) => (
            <Row key={key.fingerprint} exchangeId={exchangeId} known={key} />
          ))}
        </Stack>
      )}
    </Stack>
  );
}

function Row({ exchangeId, known }: { exchangeId: string; known: ExchangeKey }) {
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: async (status: "trusted" | "refused" | null) => {
      if (status === null) await forgetKey(exchangeId, known.fingerprint);
      else await decideKey(exchangeId, { fingerprint: known.fingerprint, publisher: known.publisher, status });
    },
    onSuccess: () => void queries.invalidateQueries({ queryKey: ["exchange", exchangeId] }),
  });
  const trusted = known.status === "trusted";
  return (
    <Paper component="li" withBorder p="md">
      <Stack gap={6}>
        <Group justify="space-between" gap="xs">
          <Text fw={600}>{known.publisher || t`unnamed publisher`}</Text>
          <Chip tone={trusted ? "good" : "bad"}>{trusted ? t`trusted` : t`refused`}</Chip>
        </Group>
        <Text className="fingerprint">{known.fingerprint}</Text>
        <Text size="sm" c="dimmed">
          {t`first met ${{ when: dateTime(known.first_seen) }}`}
        </Text>
        <Group gap="xs">
          <May operation="decide_exchange_key">
            <Button size="xs" variant="default" onClick={() => change.mutate(trusted ? "refused" : "trusted")}>
              {trusted ? t`Refuse it` : t`Trust it`}
            </Button>
          </May>
          <May operation="forget_exchange_key">
            <Button size="xs" variant="default" onClick={() => change.mutate(null)}>
              <Trans>Ask me again</Trans>
            </Button>
          </May>
        </Group>
        <Problem error={change.error} />
      </Stack>
    </Paper>
  );
}
