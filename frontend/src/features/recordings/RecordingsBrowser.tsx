import { Box, Checkbox, CloseButton, Group, Select, Stack, TextInput } from "@mantine/core";
import { useDebouncedCallback, useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { datasetsQuery } from "@/api/datasets";
import { recordingsQuery } from "@/api/recordings";
import { Icon } from "@/components/icons";
import { Problem } from "@/components/Note";
import { Empty, Loading, Section } from "@/components/Page";
import { Pager } from "@/components/Pager";
import { RecordingCards } from "./RecordingCards";
import { RecordingsTable } from "./RecordingsTable";
import { useFilter } from "./useFilter";

const SIZE = 50;

/** All recordings: search, filters, and a table (cards on a phone), a page at a time. */
export function RecordingsBrowser({ projectId }: { projectId: string }) {
  const [filter, change] = useFilter();
  const narrow = useMediaQuery("(max-width: 48em)");
  const recordings = useQuery(
    recordingsQuery(projectId, {
      search: filter.search,
      sort: filter.sort,
      order: filter.order,
      page: filter.page,
      size: SIZE,
      label: filter.label,
      findings_only: filter.findingsOnly,
    }),
  );
  const filtered = filter.search !== "" || filter.label !== "" || filter.findingsOnly;
  const data = recordings.data;
  if (recordings.isPending) return <Loading label="Loading recordings" />;
  if (data && data.total === 0 && !filtered) {
    return (
      <Empty title="No recordings yet">
        Drop the files of your ECG device above. For each file you will see whether it was imported or, if not, why.
      </Empty>
    );
  }
  return (
    <Section title="All recordings">
      <Group align="flex-end" gap="sm">
        <SearchBox initial={filter.search} onSearch={(search) => change({ search })} />
        <LabelFilter projectId={projectId} value={filter.label} onChange={(label) => change({ label })} />
        <Box pb={8}>
          <Checkbox
            label="Only with findings"
            checked={filter.findingsOnly}
            onChange={(event) => change({ findingsOnly: event.currentTarget.checked })}
          />
        </Box>
      </Group>
      <Problem error={recordings.error} title="The recordings cannot be shown" />
      {data && data.total === 0 && <Empty title="No recording matches">Change the search or the filters.</Empty>}
      {data && data.total > 0 && (
        <Stack gap="sm" style={{ opacity: recordings.isPlaceholderData ? 0.6 : 1 }}>
          {narrow ? (
            <RecordingCards projectId={projectId} recordings={data.items} />
          ) : (
            <RecordingsTable projectId={projectId} recordings={data.items} filter={filter} onChange={change} />
          )}
          <Pager
            page={filter.page}
            size={SIZE}
            total={data.total}
            onChange={(page) => change({ page })}
            noun="recordings"
          />
        </Stack>
      )}
    </Section>
  );
}

function SearchBox({ initial, onSearch }: { initial: string; onSearch: (text: string) => void }) {
  const [text, setText] = useState(initial);
  const later = useDebouncedCallback(onSearch, 300);
  const set = (value: string) => {
    setText(value);
    later(value);
  };
  return (
    <TextInput
      label="Search"
      placeholder="File name, patient or label"
      leftSection={<Icon name="search" size={16} />}
      rightSection={text ? <CloseButton size="sm" aria-label="Clear the search" onClick={() => set("")} /> : null}
      value={text}
      onChange={(event) => set(event.currentTarget.value)}
      style={{ flex: "1 1 220px", maxWidth: 360 }}
    />
  );
}

type LabelProps = { projectId: string; value: string; onChange: (label: string) => void };

function LabelFilter({ projectId, value, onChange }: LabelProps) {
  const datasets = useQuery(datasetsQuery(projectId));
  const ofLabels = datasets.data?.filter((dataset) => dataset.task !== "regression");
  const labels = [...new Set(ofLabels?.flatMap((dataset) => dataset.labels))].sort();
  if (labels.length === 0) return null;
  return (
    <Select
      label="Label"
      placeholder="All labels"
      clearable
      clearButtonProps={{ "aria-label": "Show all labels" }}
      data={labels}
      value={value || null}
      onChange={(label) => onChange(label ?? "")}
      w={190}
    />
  );
}
