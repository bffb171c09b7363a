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

/** Asks whose contributions count, and by which recordings the result is judged. */
export function MergeRound({ exchangeId, round, onClose, onStarted }: Props) {
  const own = useOwnModels(round);
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
        leave_out: Object.fromEntries(out.map((key) => [key, "left out by the coordinator"])),
        keep_odd: [],
        publisher: "",
      }),
    onSuccess: ({ job }) => onStarted(own.projectId, job),
  });
  const counted = sent.length - out.length;
  return (
    <Modal opened onClose={onClose} title="Merge the round into the next version?" size="lg">
      <Stack>
        {waiting.length > 0 && (
          <Note tone="warn" title="Not everybody has contributed">
            {waiting.map((site) => site.name).join(", ")} will not count.
          </Note>
        )}
        <Stack gap={6}>
          <Text size="sm" fw={600}>
            Contributions that count
          </Text>
          {sent.map((site) => (
            <Checkbox
              key={site.fingerprint}
              label={`${site.name}, ${site.recordings?.toLocaleString(region()) ?? "some"} recordings`}
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
              ? "One that is far longer than the others, or makes the model worse on your recordings, is left out by itself, with the reason."
              : "Contributions that look odd count, too: the round says so."}
          </Text>
        </Stack>
        <Checkbox
          label="Judge by my recordings"
          description="Thresholds and calibration are chosen on your validation recordings, results measured on your test recordings. Without this the new version has neither."
          checked={judging}
          onChange={(event) => setJudging(event.currentTarget.checked)}
        />
        <OwnModel own={own} round={round} value={judgeId} onChange={setJudge} label="My model of this round" />
        <Problem error={merge.error ?? own.error} title="Not merged" />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            disabled={counted < round.rules.fewest_sites || own.projectId === ""}
            loading={merge.isPending}
            onClick={() => merge.mutate()}
          >
            Merge and publish
          </Button>
        </Group>
        {counted < round.rules.fewest_sites && (
          <Text size="sm" c="dimmed">
            The round asks for at least {round.rules.fewest_sites} contributions.
          </Text>
        )}
      </Stack>
    </Modal>
  );
}
