import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Checkbox, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { keysQuery, ownKeyQuery } from "@/api/exchanges";
import { joinRound } from "@/api/rounds";
import type { Round } from "@/api/types";
import { Problem } from "@/components/Note";

type Props = { exchangeId: string; round: Round; onClose: () => void };

/** Asks under which name one takes part and, where the coordinator is new here, whether its key is trusted. */
export function JoinRound({ exchangeId, round, onClose }: Props) {
  const queries = useQueryClient();
  const own = useQuery(ownKeyQuery());
  const keys = useQuery(keysQuery(exchangeId));
  const [name, setName] = useState<string | null>(null);
  const { coordinator } = round;
  const [compared, setCompared] = useState(false);
  const site = name ?? own.data?.publisher ?? "";
  const known = (keys.data ?? []).some(
    ({ fingerprint, publisher, status }) =>
      fingerprint === round.fingerprint && publisher === round.coordinator && status === "trusted",
  );
  const asks = !round.own && !known;
  const join = useMutation({
    mutationFn: () => joinRound(exchangeId, round, { site: site.trim(), trust: asks ? round.fingerprint : "" }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["exchange", exchangeId] });
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} title={t`Take part in this round?`} size="lg">
      <Stack>
        <Text size="sm">
          <Trans>
            Others see your name, your key and, once you contribute, how many recordings you trained on and how many of
            them have each label; counts under five are withheld.
          </Trans>
        </Text>
        <TextInput
          label={t`Your name in the round`}
          description={t`Such as that of your institution.`}
          required
          maxLength={200}
          value={site}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        {asks && (
          <>
            <Text size="sm">
              <Trans>You have not met the coordinator’s key before. “{coordinator}” has signed with</Trans>
            </Text>
            <Text className="fingerprint" fw={600}>
              {round.fingerprint}
            </Text>
            <Checkbox
              label={t`I have compared the fingerprint, or accept it unseen this first time`}
              checked={compared}
              onChange={(event) => setCompared(event.currentTarget.checked)}
            />
          </>
        )}
        <Problem error={join.error ?? keys.error} title={t`You do not take part yet`} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button
            disabled={!site.trim() || keys.isPending || (asks && !compared)}
            loading={join.isPending}
            onClick={() => join.mutate()}
          >
            {asks ? t`Trust and take part` : t`Take part`}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
