import { t } from "@lingui/core/macro";
import { Checkbox, Group, NumberInput, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { isOver } from "@/api/jobs";
import { predictionQuery, predictionsQuery } from "@/api/predictions";
import type { Facets } from "@/api/types";
import { dateTime } from "@/lib/format";
import type { ListKey, RecordingList } from "@/lib/recordingList";
import { SeenByModel } from "./SeenByModel";

type Props = {
  projectId: string;
  facets: Facets;
  list: RecordingList;
  onChange: (change: RecordingList) => void;
};

const KINDS = [
  ["format", t`Format`],
  ["device", t`Device`],
  ["finding", t`Finding`],
] as const;

/** What recordings can be filtered by, beside search and label; each only where it can tell recordings apart. */
export function FilterFields({ projectId, facets, list, onChange }: Props) {
  const set = (key: ListKey) => (value: string | number | null) => onChange({ [key]: String(value ?? "") });
  return (
    <Group align="flex-end" gap="sm">
      {KINDS.map(([key, title]) =>
        facets[key].length > 0 ? (
          <Select
            key={key}
            label={title}
            placeholder={t`All`}
            clearable
            searchable
            w={210}
            data={facets[key].map(({ value, n }) => ({ value, label: `${value.replaceAll("_", " ")} (${n})` }))}
            value={list[key] ?? null}
            onChange={set(key)}
          />
        ) : null,
      )}
      {facets.sex.length > 0 && (
        <Select
          label={t`Sex`}
          placeholder={t`All`}
          clearable
          w={120}
          data={[
            { value: "F", label: t`Female` },
            { value: "M", label: t`Male` },
          ]}
          value={list.sex ?? null}
          onChange={set("sex")}
        />
      )}
      {facets.age && (
        <>
          <Years label={t`Age from`} value={list.age_min} onChange={set("age_min")} />
          <Years label={t`Age to`} value={list.age_max} onChange={set("age_max")} />
        </>
      )}
      {facets.recorded && (
        <>
          <Day label={t`Recorded from`} value={list.recorded_from} onChange={set("recorded_from")} />
          <Day label={t`Recorded until`} value={list.recorded_until} onChange={set("recorded_until")} />
        </>
      )}
      {facets.finding.length > 0 && (
        <Select
          label={t`Signal quality`}
          placeholder={t`All`}
          clearable
          w={150}
          data={[
            { value: "good", label: t`Good` },
            { value: "doubtful", label: t`Doubtful` },
          ]}
          value={list.quality ?? null}
          onChange={set("quality")}
        />
      )}
      <SeenByModel projectId={projectId} list={list} onChange={onChange} />
      <OfPrediction projectId={projectId} list={list} onChange={onChange} />
    </Group>
  );
}

type FieldProps = { label: string; value: string | undefined; onChange: (value: string | number) => void };

function Years({ label, value, onChange }: FieldProps) {
  return <NumberInput label={label} min={0} max={120} w={100} hideControls value={value ?? ""} onChange={onChange} />;
}

function Day({ label, value, onChange }: FieldProps) {
  return (
    <TextInput
      type="date"
      label={label}
      w={150}
      value={value ?? ""}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

/** Those of which a prediction tells a label, or another one than the table. */
function OfPrediction({ projectId, list, onChange }: Omit<Props, "facets">) {
  const predictions = useQuery(predictionsQuery(projectId));
  const chosen = useQuery({
    ...predictionQuery(projectId, list.prediction_id ?? ""),
    enabled: list.prediction_id !== undefined,
  });
  const done =
    predictions.data?.filter((one) => one.id === list.prediction_id || (isOver(one.job) && one.n_results > 0)) ?? [];
  if (done.length === 0) return null;
  return (
    <>
      <Select
        label={t`Prediction`}
        placeholder={t`None`}
        clearable
        w={250}
        data={done.map((one) => ({ value: one.id, label: `${one.model_name}, ${dateTime(one.created_at)}` }))}
        value={list.prediction_id ?? null}
        onChange={(id) => onChange({ prediction_id: id ?? "", predicted: "", disagreement: "" })}
      />
      {list.prediction_id && (
        <>
          <Select
            label={t`Predicted label`}
            placeholder={t`All`}
            clearable
            w={170}
            data={Object.keys(chosen.data?.counts ?? {})}
            value={list.predicted ?? null}
            onChange={(label) => onChange({ predicted: label ?? "" })}
          />
          <Checkbox
            pb={8}
            label={t`Only disagreements`}
            checked={list.disagreement !== undefined}
            onChange={(event) => onChange({ disagreement: event.currentTarget.checked ? "true" : "" })}
          />
        </>
      )}
    </>
  );
}
