import { t } from "@lingui/core/macro";
import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { usableModelsQuery } from "@/api/models";
import type { RecordingList } from "@/lib/recordingList";

type Props = { projectId: string; list: RecordingList; onChange: (change: RecordingList) => void };

const SEEN = [
  { value: "training", label: t`Learned from` },
  { value: "validation", label: t`In validation` },
  { value: "test", label: t`In its test` },
  { value: "no", label: t({ message: "Never seen", context: "seen by a model" }) },
  // Not translated: a value of the API
  { value: "not known", label: t({ message: "Not known", context: "seen by a model" }) },
];

/** Those that a model has learned from, was tested on, or has never seen. */
export function SeenByModel({ projectId, list, onChange }: Props) {
  const models = useQuery(usableModelsQuery(projectId));
  const some = models.data ?? [];
  if (some.length === 0) return null;
  return (
    <>
      <Select
        label={t`Model`}
        placeholder={t({ message: "None", context: "model" })}
        clearable
        searchable
        w={230}
        data={some.map((model) => ({ value: model.id, label: model.name }))}
        value={list.seen_by ?? null}
        onChange={(id) => onChange({ seen_by: id ?? "", seen: "" })}
      />
      {list.seen_by && (
        <Select
          label={t`What it has seen`}
          allowDeselect={false}
          w={250}
          data={SEEN}
          value={list.seen ?? "training"}
          onChange={(seen) => onChange({ seen: seen === "training" ? "" : (seen ?? "") })}
        />
      )}
    </>
  );
}
