import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { contributeToRound, takeBackContribution } from "@/api/rounds";
import type { Job, Round } from "@/api/types";
import { TextLink } from "@/components/ButtonLink";
import { Note, Problem } from "@/components/Note";
import { projectPath } from "@/lib/paths";
import { OwnModel, useOwnModels } from "./OwnModel";

type Props = {
  exchangeId: string;
  round: Round;
  onClose: () => void;
  onStarted: (projectId: string, job: Job) => void;
};

/** Chooses what is contributed: a model that was fine-tuned here from the base of the round. */
export function ContributeRound({ exchangeId, round, onClose, onStarted }: Props) {
  const queries = useQueryClient();
  const own = useOwnModels(round, "contribute_to_round");
  const [modelId, setModelId] = useState<string | null>(null);
  const chosen = modelId ?? own.models[0]?.id ?? null;
  const again = round.sites.some((site) => site.own && site.has_contributed);
  const send = useMutation({
    mutationFn: async () => {
      if (again) await takeBackContribution(exchangeId, round);
      return contributeToRound(exchangeId, round, own.projectId, chosen ?? "");
    },
    onSuccess: ({ job }) => onStarted(own.projectId, job),
    onError: () => void queries.invalidateQueries({ queryKey: ["exchange", exchangeId] }),
  });
  const labels = round.base.labels.join(", ");
  const settings = Object.entries(round.training)
    .map(([name, value]) => `${name} = ${String(value)}`)
    .join(", ");
  return (
    <Modal opened onClose={onClose} title={again ? t`Change your contribution` : t`Contribute to the round`} size="lg">
      <Stack>
        <Text size="sm">
          <Trans>
            Sent are the changes of the weights and counts of recordings, signed with the key of this platform. What you
            train on stays here.
          </Trans>
        </Text>
        <OwnModel
          own={own}
          round={round}
          value={chosen}
          onChange={setModelId}
          label={t`Model, fine-tuned from the base`}
        />
        {round.base.held_by && (
          <Note tone="info" title={t`To train one`}>
            <Trans>
              <TextLink
                to={`${projectPath(own.projectId, "runs", "new")}?base=${encodeURIComponent(round.base.held_by)}`}
              >
                Fine-tune the base model
              </TextLink>{" "}
              with the labels {labels} and the settings that the round asks for: {settings}.
            </Trans>
          </Note>
        )}
        {again && (
          <Text size="sm">
            <Trans>What you have contributed before is deleted from the exchange.</Trans>
          </Text>
        )}
        <Problem error={send.error ?? own.error} title={t`Nothing was sent`} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button disabled={chosen === null} loading={send.isPending} onClick={() => send.mutate()}>
            <Trans>Send</Trans>
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
