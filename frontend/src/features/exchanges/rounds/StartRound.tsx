import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Checkbox, Group, Modal, NumberInput, Select, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { exchangeModelsQuery, ownKeyQuery } from "@/api/exchanges";
import { startRound } from "@/api/rounds";
import { useFresh } from "@/api/useFresh";
import { Note, Problem } from "@/components/Note";
import { NO_FILTER } from "../ExchangeFilters";

const ALL = { ...NO_FILTER, order: "name" } as const;

/** Asks from which model a round starts, and by which rules. */
export function StartRound({ exchangeId, onClose }: { exchangeId: string; onClose: () => void }) {
  const queries = useQueryClient();
  const listed = useFresh(exchangeModelsQuery(exchangeId, ALL));
  const own = useQuery(ownKeyQuery());
  const models = (listed.data?.items ?? []).filter(
    ({ fine_tunes, task, here }) => fine_tunes && task !== "regression" && here.length > 0,
  );
  const [item, setItem] = useState<string | null>(null);
  const [title, setTitle] = useState("");
  const [name, setName] = useState<string | null>(null);
  const [deadline, setDeadline] = useState("");
  const [epochs, setEpochs] = useState<number | string>(2);
  const [clip, setClip] = useState<number | string>(10);
  const [fewest, setFewest] = useState<number | string>(2);
  const [noisy, setNoisy] = useState(false);
  const [epsilon, setEpsilon] = useState<number | string>(8);
  const [planned, setPlanned] = useState<number | string>(10);
  const coordinator = name ?? own.data?.publisher ?? "";
  const chosen = item ?? models[0]?.place ?? null;
  const start = useMutation({
    mutationFn: () =>
      startRound(exchangeId, {
        item: chosen ?? "",
        title: title.trim(),
        coordinator: coordinator.trim(),
        deadline,
        rules: {
          clip_norm: Number(clip),
          largest_share: 0.6,
          fewest_sites: Number(fewest),
          leave_out_odd: true,
          noise: 0,
          noise_at: "site",
          delta: 1e-5,
        },
        epsilon: noisy ? Number(epsilon) : null,
        rounds: Number(planned),
        training: { max_epochs: Number(epochs) },
        invited: [],
      }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["exchange", exchangeId] });
      onClose();
    },
  });
  const numbers = [epochs, clip, fewest, ...(noisy ? [epsilon, planned] : [])];
  const complete = chosen !== null && coordinator.trim() !== "" && numbers.every((value) => Number(value) > 0);
  return (
    <Modal opened onClose={onClose} title={t`Start a round`} size="lg">
      <Stack>
        {listed.data && models.length === 0 ? (
          <Note tone="info" title={t`No model to start from`}>
            <Trans>
              A round starts from a model of this exchange that is here as well, with its named weights. Publish one of
              yours, or fetch one.
            </Trans>
          </Note>
        ) : (
          <Select
            label={t`Base model`}
            data={models.map(({ place, name, version }) => ({
              value: place,
              label: t`${name}, version ${{ version: version ?? "–" }}`,
            }))}
            value={chosen}
            allowDeselect={false}
            onChange={setItem}
          />
        )}
        <TextInput
          label={t`Title`}
          maxLength={200}
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
        <Group grow align="flex-start">
          <TextInput
            label={t`Your name as its coordinator`}
            required
            maxLength={200}
            value={coordinator}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <TextInput
            label={t`Contributions until`}
            type="date"
            value={deadline}
            onChange={(event) => setDeadline(event.currentTarget.value)}
          />
        </Group>
        <Group grow align="flex-start">
          <NumberInput label={t`Epochs at each site`} min={1} max={50} value={epochs} onChange={setEpochs} />
          <NumberInput label={t`Longest change`} min={0.001} value={clip} onChange={setClip} />
          <NumberInput label={t`Fewest sites`} min={1} max={1000} value={fewest} onChange={setFewest} />
        </Group>
        <Checkbox
          label={t`Sites add noise (differential privacy)`}
          description={t`Protects all recordings of a site together. With a handful of sites, noise that protects well leaves nothing to learn: see the documentation for figures before you rely on it.`}
          checked={noisy}
          onChange={(event) => setNoisy(event.currentTarget.checked)}
        />
        {noisy && (
          <Group grow>
            <NumberInput label={t`Budget ε of all rounds`} min={0.01} value={epsilon} onChange={setEpsilon} />
            <NumberInput label={t`Rounds it is to last for`} min={1} max={1000} value={planned} onChange={setPlanned} />
          </Group>
        )}
        <Text size="sm" c="dimmed">
          <Trans>
            One site counts at most 60 %. A contribution that is five times as long as the others, or makes the model
            worse on your recordings, is left out when you merge.
          </Trans>
        </Text>
        <Problem error={start.error ?? listed.error} title={t`Not started`} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button disabled={!complete} loading={start.isPending} onClick={() => start.mutate()}>
            <Trans>Start the round</Trans>
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
