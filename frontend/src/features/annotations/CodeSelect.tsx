import { t } from "@lingui/core/macro";
import { Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { codesQuery } from "@/api/annotations";
import type { LabelSetIn } from "@/api/types";

type Label = LabelSetIn["labels"][number];
type Props = { label: Label; number: number; onChange: (change: Partial<Label>) => void };

/** The code of a label, found by words in SCP-ECG, SNOMED CT and ICD-10; a label without a name takes the code's. */
export function CodeSelect({ label, number, onChange }: Props) {
  const [words, setWords] = useState("");
  const [asked] = useDebouncedValue(words, 150);
  const found = useQuery(codesQuery(asked)).data ?? [];
  const value = label.code ? `${label.system} ${label.code}` : null;
  const data = found.map((one) => ({
    value: `${one.system} ${one.code}`,
    label: `${one.text} (${one.system} ${one.code})`,
  }));
  if (value && !data.some((one) => one.value === value)) data.unshift({ value, label: value });
  return (
    <Select
      aria-label={t`Code of label ${number}`}
      placeholder={t`Search codes: AF, anterior infarction …`}
      data={data}
      value={value}
      searchable
      clearable
      clearButtonProps={{ "aria-label": t`Remove the code of label ${number}` }}
      nothingFoundMessage={t`No code has these words`}
      filter={({ options }) => options}
      searchValue={words}
      onSearchChange={setWords}
      onChange={(next) => {
        const one = found.find((each) => `${each.system} ${each.code}` === next);
        if (next === null) onChange({ code: "", system: "" });
        else if (one) onChange({ code: one.code, system: one.system, ...(label.name ? {} : { name: one.text }) });
      }}
    />
  );
}
