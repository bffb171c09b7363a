import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Box, Button, Checkbox, Collapse, Group, Select, Stack, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { facetsQuery, type RecordingsFilter, recordingsQuery } from "@/api/recordings";
import { LabelThese } from "@/components/LabelThese";
import { Problem } from "@/components/Note";
import { Empty, Loading, Section } from "@/components/Page";
import { Pager } from "@/components/Pager";
import { filterCount, listWords } from "@/lib/recordingList";
import { FilterFields } from "./list/FilterFields";
import { SavedViews } from "./list/SavedViews";
import { SearchBox } from "./list/SearchBox";
import { LIST_SIZE } from "./list/useListPlace";
import { RecordingCards } from "./RecordingCards";
import { RecordingsTable } from "./RecordingsTable";
import { useFilter } from "./useFilter";

/** All recordings: search, filters, and a table (cards on a phone), a page at a time. */
export function RecordingsBrowser({ projectId }: { projectId: string }) {
  const [{ list, page }, change, show] = useFilter();
  const narrow = useMediaQuery("(max-width: 48em)");
  const [more, setMore] = useState(false);
  const facets = useQuery(facetsQuery(projectId));
  const recordings = useQuery(recordingsQuery(projectId, { ...(list as RecordingsFilter), page, size: LIST_SIZE }));
  const filters = filterCount(list);
  const filtered = filters > 0 || list.search !== undefined;
  const data = recordings.data;
  if (recordings.isPending) return <Loading label={t`Loading recordings`} />;
  if (data && data.total === 0 && !filtered) {
    return (
      <Empty title={t`No recordings yet`}>
        <Trans>
          Drop the files of your ECG device above. For each file you will see whether it was imported or, if not, why.
        </Trans>
      </Empty>
    );
  }
  const labels = [...(facets.data?.labels ?? [])].sort();
  return (
    <Section title={t`All recordings`}>
      <Group align="flex-end" gap="sm">
        <SearchBox
          key={`search ${list.search === undefined}`}
          initial={list.search ?? ""}
          onSearch={(search) => change({ search })}
        />
        {labels.length > 0 && (
          <Select
            label={t`Label`}
            placeholder={t`All labels`}
            clearable
            clearButtonProps={{ "aria-label": t`Show all labels` }}
            data={labels}
            value={list.label ?? null}
            onChange={(label) => change({ label: label ?? "" })}
            w={190}
          />
        )}
        <Box pb={8}>
          <Checkbox
            label={t`Only with findings`}
            checked={list.findings_only !== undefined}
            onChange={(event) => change({ findings_only: event.currentTarget.checked ? "true" : "" })}
          />
        </Box>
        <Button variant="default" aria-expanded={more} onClick={() => setMore(!more)}>
          {filters > 0 ? t`More filters (${filters} on)` : t`More filters`}
        </Button>
        <SavedViews projectId={projectId} list={list} onOpen={show} />
      </Group>
      <Collapse expanded={more}>
        {facets.data && <FilterFields projectId={projectId} facets={facets.data} list={list} onChange={change} />}
      </Collapse>
      {filters > 0 && (
        <Group gap="xs">
          <Text size="sm">
            <Trans>Shown: {{ list: listWords(list) }}</Trans>
          </Text>
          <Button size="compact-sm" variant="subtle" onClick={() => show({ sort: list.sort, order: list.order })}>
            <Trans>Show all</Trans>
          </Button>
          <LabelThese projectId={projectId} list={list} />
        </Group>
      )}
      <Problem error={recordings.error} title={t`The recordings cannot be shown`} />
      <Problem error={facets.error} title={t`The filters cannot be shown`} />
      {data && data.total === 0 && (
        <Empty title={t`No recording matches`}>
          <Trans>Change the search or the filters.</Trans>
        </Empty>
      )}
      {data && data.total > 0 && (
        <Stack gap="sm" style={{ opacity: recordings.isPlaceholderData ? 0.6 : 1 }}>
          {narrow ? (
            <RecordingCards projectId={projectId} recordings={data.items} list={list} />
          ) : (
            <RecordingsTable projectId={projectId} recordings={data.items} list={list} onChange={change} />
          )}
          <Pager
            page={page}
            size={LIST_SIZE}
            total={data.total}
            about={data.about}
            onChange={(to) => change({}, to)}
            noun={t`recordings`}
          />
        </Stack>
      )}
    </Section>
  );
}
