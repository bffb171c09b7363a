import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import {
  ActionIcon,
  Button,
  Checkbox,
  Group,
  NumberInput,
  Radio,
  Stack,
  TagsInput,
  Text,
  TextInput,
} from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { LabelSet, LabelSetIn } from "@/api/types";
import { Icon } from "@/components/icons";
import { Problem } from "@/components/Note";
import { CodeSelect } from "./CodeSelect";

type Row = LabelSetIn["labels"][number] & { place: number };
type Props = {
  /** The set that is changed; undefined: a new one. */
  set?: LabelSet;
  onSave: (body: LabelSetIn) => Promise<unknown>;
  onDone: () => void;
  onCancel: () => void;
};

const REGION_CLASSES = [t`P wave`, t`QRS`, t`ST segment`, t`T wave`, t`Ectopic beat`, t`Artefact`];
const empty = (place: number): Row => ({ name: "", key: "", code: "", system: "", place });

/** Makes or changes a label set: name, labels with keys and codes, and by what rules it is read. */
export function LabelSetForm({ set, onSave, onDone, onCancel }: Props) {
  const [name, setName] = useState(set?.name ?? "");
  const [task, setTask] = useState<LabelSetIn["task"]>(set?.task ?? "single_label");
  const [rows, setRows] = useState<Row[]>(() =>
    set ? set.labels.map((label, place) => ({ ...label, place })) : [empty(0), empty(1), empty(2)],
  );
  const [regions, setRegions] = useState(set?.region_classes ?? REGION_CLASSES);
  const [blind, setBlind] = useState(set?.blind ?? false);
  const [nReaders, setReaders] = useState(set?.n_readers ?? 1);
  const named = rows.filter((row) => row.name.trim() !== "");
  const save = useMutation({
    mutationFn: () =>
      onSave({
        name,
        task,
        labels: named.map(({ place: _, ...label }) => label),
        region_classes: regions,
        blind,
        n_readers: nReaders,
      }),
    onSuccess: onDone,
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const change = (place: number, wanted: Partial<Row>) =>
    setRows((before) => before.map((row) => (row.place === place ? { ...row, ...wanted } : row)));
  return (
    <form onSubmit={onSubmit}>
      <Stack>
        <TextInput
          label={t`Name`}
          required
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <Radio.Group
          label={t`Labels of an ECG`}
          value={task}
          onChange={(value) => setTask(value as LabelSetIn["task"])}
        >
          <Group mt={6}>
            <Radio value="single_label" label={t`Exactly one`} />
            <Radio value="multi_label" label={t`None, one or several`} />
          </Group>
        </Radio.Group>
        <Stack gap="xs" role="group" aria-label={t`Labels`}>
          <Text size="sm" fw={500}>
            <Trans>Labels, with their keys and codes</Trans>
          </Text>
          {rows.map((row, index) => (
            <LabelRow
              key={row.place}
              row={row}
              number={index + 1}
              onChange={(wanted) => change(row.place, wanted)}
              onRemove={() => setRows((before) => before.filter((one) => one !== row))}
            />
          ))}
          <Group>
            <Button
              size="sm"
              variant="default"
              leftSection={<Icon name="plus" size={16} />}
              onClick={() => setRows((before) => [...before, empty(1 + Math.max(-1, ...before.map((r) => r.place)))])}
            >
              <Trans>Add a label</Trans>
            </Button>
          </Group>
        </Stack>
        <NumberInput
          label={t`Readers for each ECG`}
          description={t`With two or more, ECGs on which they differ are listed to be decided.`}
          min={1}
          max={9}
          maw={320}
          value={nReaders}
          onChange={(value) => typeof value === "number" && setReaders(value)}
        />
        <Checkbox
          label={t`Blind: no reader sees what the device, a model or another reader says`}
          checked={blind}
          onChange={(event) => setBlind(event.currentTarget.checked)}
        />
        <TagsInput
          label={t`Classes of regions`}
          description={t`What a stretch of the tracing can be marked as, besides the labels.`}
          value={regions}
          onChange={setRegions}
        />
        <Problem error={save.error} title={t`The label set was not saved`} />
        <Group justify="flex-end" className="dialog-foot">
          <Button variant="default" onClick={onCancel}>
            <Trans>Cancel</Trans>
          </Button>
          <Button type="submit" loading={save.isPending} disabled={name.trim() === "" || named.length === 0}>
            {set ? t`Save label set` : t`Make label set`}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

type RowProps = { row: Row; number: number; onChange: (change: Partial<Row>) => void; onRemove: () => void };

function LabelRow({ row, number, onChange, onRemove }: RowProps) {
  return (
    <Group gap="xs" wrap="nowrap" align="flex-start">
      <TextInput
        aria-label={t`Key of label ${number}`}
        placeholder={number < 10 ? String(number) : "–"}
        w={48}
        maxLength={1}
        styles={{ input: { textAlign: "center" } }}
        value={row.key}
        onChange={(event) => onChange({ key: event.currentTarget.value.trim().toLowerCase() })}
      />
      <Group gap="xs" style={{ flex: 1 }} grow preventGrowOverflow={false}>
        <TextInput
          aria-label={t`Name of label ${number}`}
          placeholder={t`Name`}
          miw={130}
          maxLength={200}
          value={row.name}
          onChange={(event) => onChange({ name: event.currentTarget.value })}
        />
        <CodeSelect label={row} number={number} onChange={onChange} />
      </Group>
      <ActionIcon variant="subtle" color="gray" size={36} aria-label={t`Remove label ${number}`} onClick={onRemove}>
        <Icon name="cross" size={16} />
      </ActionIcon>
    </Group>
  );
}
