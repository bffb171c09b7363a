import { t } from "@lingui/core/macro";
import { Anchor, Checkbox, Collapse, Group, NumberInput, Paper, Select, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import type { ExchangeSearch } from "@/api/exchanges";
import { Icon } from "@/components/icons";
import { LEADS } from "@/lib/ecg/leads";
import { TASKS } from "./words";

export const NO_FILTER: ExchangeSearch = {
  text: "",
  task: "",
  label: "",
  architecture: "",
  licence: "",
  lead: "",
  lineage: "",
  most_bytes: null,
  least_score: null,
  withdrawn: false,
  old_versions: false,
  order: "best",
  page: 1,
};

const ORDERS = [
  { value: "best", label: t`Best in its own test first` },
  { value: "newest", label: t`Newest first` },
  { value: "name", label: t`By name` },
  { value: "smallest", label: t`Smallest first` },
];
const MB = 1e6;

type Props = { search: ExchangeSearch; onChange: (part: Partial<ExchangeSearch>) => void };

/** What is looked for: words and labels first, the rest unfolds. */
export function ExchangeFilters({ search, onChange }: Props) {
  const [more, setMore] = useState(false);
  const tasks = Object.entries(TASKS).map(([value, label]) => ({ value, label }));
  return (
    <Paper withBorder p="md">
      <Stack gap="sm" role="search" aria-label={t`Find models`}>
        <Group gap="sm" align="flex-end">
          <TextInput
            label={t`Search`}
            placeholder={t`Name, label, publisher or purpose`}
            leftSection={<Icon name="search" size={16} />}
            value={search.text}
            onChange={(event) => onChange({ text: event.currentTarget.value })}
            style={{ flex: "2 1 240px" }}
          />
          <TextInput
            label={t`Label`}
            placeholder={t`such as AFIB`}
            value={search.label}
            onChange={(event) => onChange({ label: event.currentTarget.value.trim() })}
            style={{ flex: "1 1 120px" }}
          />
          <Select
            label={t`Order`}
            data={ORDERS}
            value={search.order}
            allowDeselect={false}
            onChange={(order) => order && onChange({ order: order as ExchangeSearch["order"] })}
            style={{ flex: "1 1 200px" }}
          />
        </Group>
        <Anchor
          component="button"
          type="button"
          size="sm"
          aria-expanded={more}
          onClick={() => setMore(!more)}
          ta="left"
        >
          {more ? t`Fewer filters` : t`More filters`}
        </Anchor>
        <Collapse expanded={more}>
          <Stack gap="sm">
            <Group gap="sm" align="flex-end">
              <Select
                label={t`It tells`}
                data={tasks}
                value={search.task || null}
                clearable
                placeholder={t`anything`}
                onChange={(task) => onChange({ task: (task ?? "") as ExchangeSearch["task"] })}
                style={{ flex: "1 1 180px" }}
              />
              <TextInput
                label={t`Architecture`}
                placeholder={t`such as cardx`}
                value={search.architecture}
                onChange={(event) => onChange({ architecture: event.currentTarget.value.trim() })}
                style={{ flex: "1 1 140px" }}
              />
              <TextInput
                label={t`Licence`}
                placeholder={t`such as CC BY`}
                value={search.licence}
                onChange={(event) => onChange({ licence: event.currentTarget.value })}
                style={{ flex: "1 1 140px" }}
              />
              <Select
                label={t`Uses lead`}
                data={[...LEADS]}
                value={search.lead || null}
                clearable
                placeholder={t`any`}
                onChange={(lead) => onChange({ lead: lead ?? "" })}
                style={{ flex: "1 1 110px" }}
              />
              <NumberInput
                label={t`At most (MB)`}
                min={0}
                value={search.most_bytes === null ? "" : search.most_bytes / MB}
                onChange={(size) => onChange({ most_bytes: size === "" ? null : Math.round(Number(size) * MB) })}
                style={{ flex: "1 1 110px" }}
              />
              <NumberInput
                label={t`AUROC (or R²) at least`}
                min={-1}
                max={1}
                step={0.05}
                decimalScale={3}
                value={search.least_score ?? ""}
                onChange={(value) => onChange({ least_score: value === "" ? null : Number(value) })}
                style={{ flex: "1 1 150px" }}
              />
              <TextInput
                label={t`Made from`}
                description={t`sha256 of an ONNX file`}
                value={search.lineage}
                maxLength={64}
                onChange={(event) => onChange({ lineage: event.currentTarget.value.trim() })}
                style={{ flex: "2 1 240px" }}
              />
            </Group>
            <Group gap="lg">
              <Checkbox
                label={t`Older versions too`}
                checked={search.old_versions}
                onChange={(event) => onChange({ old_versions: event.currentTarget.checked })}
              />
              <Checkbox
                label={t`Withdrawn ones too`}
                checked={search.withdrawn}
                onChange={(event) => onChange({ withdrawn: event.currentTarget.checked })}
              />
            </Group>
          </Stack>
        </Collapse>
      </Stack>
    </Paper>
  );
}
