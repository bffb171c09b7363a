import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Checkbox, Group, Modal, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { mergeRound } from "@/api/rounds";
import type { Job, Round } from "@/api/types";
import { Note, Problem } from "@/components/Note";
import { region } from "@/language/language";
import { OwnModel, useOwnModels } from "./OwnModel";

type Props = {
  exchangeId: string;
  round: Round;
  onClose: () => void;
  onStarted: (projectId: string, job: Job) => void;
};

// Not translated: it stands in the round, where every site reads it.
const LEFT_OUT = "left out by the coordinator";

/** Asks whose contributions count, and by which recordings the result is judged. */
export function MergeRound({ exchangeId, round, onClose, onStarted }: Props) {
  const own = useOwnModels(round, "merge_round");
  const [judge, setJudge] = useState<string | null>(null);
  const [judging, setJudging] = useState(true);
  const [out, setOut] = useState<string[]>([]);
  const judgeId = judging ? (judge ?? own.models[0]?.id ?? null) : null;
  const sent = round.sites.filter((site) => site.has_contributed);
  const waiting = round.sites.filter((site) => site.joined && !site.has_contributed);
  const merge = useMutation({
    mutationFn: () =>
      mergeRound(exchangeId, round, own.projectId, {
        model_id: judgeId,
        leave_out: Object.fromEntries(out.map((key) => [key, LEFT_OUT])),
        keep_odd: [],
        publisher: "",
      }),
    onSuccess: ({ job }) => onStarted(own.projectId, job),
  });
  const counted = sent.length - out.length;
  return (
    <Modal opened onClose={onClose} title={t`Merge the round into the next version?`} size="lg">
      <Stack>
        {waiting.length > 0 && (
          <Note tone="warn" title={t`Not everybody has contributed`}>
            {t`${{ sites: waiting.map((site) => site.name).join(", ") }} will not count.`}
          </Note>
        )}
        <Stack gap={6}>
          <Text size="sm" fw={600}>
            <Trans>Contributions that count</Trans>
          </Text>
          {sent.map((site) => (
            <Checkbox
              key={site.fingerprint}
              label={siteLabel(site)}
              checked={!out.includes(site.fingerprint)}
              onChange={(event) =>
                setOut(
                  event.currentTarget.checked
                    ? out.filter((key) => key !== site.fingerprint)
                    : [...out, site.fingerprint],
                )
              }
            />
          ))}
          <Text size="sm" c="dimmed">
            {round.rules.leave_out_odd
              ? t`One that is far longer than the others, or makes the model worse on your recordings, is left out by itself, with the reason.`
              : t`Contributions that look odd count, too: the round says so.`}
          </Text>
        </Stack>
        <Checkbox
          label={t`Judge by my recordings`}
          description={t`Thresholds and calibration are chosen on your validation recordings, results measured on your test recordings. Without this the new version has neither.`}
          checked={judging}
          onChange={(event) => setJudging(event.currentTarget.checked)}
        />
        <OwnModel own={own} round={round} value={judgeId} onChange={setJudge} label={t`My model of this round`} />
        <Problem error={merge.error ?? own.error} title={t`Not merged`} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button
            disabled={counted < round.rules.fewest_sites || own.projectId === ""}
            loading={merge.isPending}
            onClick={() => merge.mutate()}
          >
            <Trans>Merge and publish</Trans>
          </Button>
        </Group>
        {counted < round.rules.fewest_sites && (
          <Text size="sm" c="dimmed">
            {t`The round asks for at least ${{ number: round.rules.fewest_sites }} contributions.`}
          </Text>
        )}
      </Stack>
    </Modal>
  );
}

function siteLabel({ name, recordings }: Round["sites"][number]): string {
  if (recordings === null) return t`${name}, some recordings`;
  const n = recordings.toLocaleString(region());
  return t`${name}, ${n} recordings`;
}
