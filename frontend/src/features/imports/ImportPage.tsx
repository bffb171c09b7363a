import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Group, SegmentedControl, Stack, Table, Text, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useParams, useSearchParams } from "react-router";
import { importQuery, type OutcomesFilter, outcomesQuery, reportPath } from "@/api/imports";
import { DownloadLink } from "@/components/ButtonLink";
import { CannotShow } from "@/components/CannotShow";
import { Icon } from "@/components/icons";
import { Problem } from "@/components/Note";
import { OutcomeTable } from "@/components/OutcomeTable";
import { Loading, PageHead } from "@/components/Page";
import { Pager } from "@/components/Pager";
import { useProjectId } from "@/components/useProjectId";
import { declaredText } from "@/lib/declared";
import { dateTime } from "@/lib/format";
import { kept, listIn } from "@/lib/recordingList";
import { Counts } from "./Counts";

const SIZE = 50;
const FILTERS = [
  { value: "all", label: t`All` },
  { value: "refused", label: t`Refused` },
  { value: "findings", label: t`With findings` },
  { value: "imported", label: t`Imported` },
  { value: "updated", label: t`Updated` },
  { value: "duplicate", label: t`Duplicate` },
];

/** The report of one import: every file with its outcome, to be filtered, searched and downloaded. */
export function ImportPage() {
  const projectId = useProjectId();
  const importId = useParams().importId ?? "";
  const [params, setParams] = useSearchParams();
  const shown = params.get("findings_only") ? "findings" : (params.get("import_status") ?? "all");
  const page = Math.max(1, Number.parseInt(params.get("page") ?? "1", 10) || 1);
  const [search, setSearch] = useState(params.get("search") ?? "");
  // What is shown stands in the address, in the words of a list of recordings: so one comes back to it.
  const show = (kind: string, text: string, at = 1) => {
    const list = {
      ...(kind === "findings" ? { findings_only: "true" } : kind === "all" ? {} : { import_status: kind }),
      search: text,
    };
    setParams({ ...kept(list), ...(at > 1 ? { page: String(at) } : {}) }, { replace: true, preventScrollReset: true });
  };
  const searchLater = useDebouncedCallback((text: string) => show(shown, text), 250);
  const wanted = params.get("search");
  const filter: OutcomesFilter = {
    ...(shown === "findings" ? { findings_only: true } : shown !== "all" ? { status: shown as "refused" } : {}),
    ...(wanted ? { search: wanted } : {}),
  };
  const list = { ...listIn(params), import_id: importId, sort: "import" };
  const report = useQuery(importQuery(projectId, importId));
  const outcomes = useQuery(outcomesQuery(projectId, importId, { ...filter, page, size: SIZE }));

  if (report.isPending) return <Loading label={t`Loading import report`} />;
  if (report.isError) return <CannotShow title={t`The import report cannot be shown`} error={report.error} />;
  const declared = declaredText(report.data.declared);
  return (
    <Stack gap="lg">
      <PageHead
        title={t`Import report`}
        lead={t`Import of ${{ date: dateTime(report.data.created_at) }}`}
        actions={
          <DownloadLink
            href={reportPath(projectId, importId, filter)}
            leftSection={<Icon name="download" size={16} />}
            variant="default"
          >
            <Trans>Download as CSV</Trans>
          </DownloadLink>
        }
      />
      <Group gap={6}>
        <Counts of={report.data} />
      </Group>
      {declared && (
        <Text size="sm" c="dimmed">
          <Trans>Declared for files that do not state it: {declared}.</Trans>
        </Text>
      )}
      <Group gap="sm" align="flex-end">
        <SegmentedControl
          aria-label={t`Outcomes shown`}
          data={FILTERS}
          value={shown}
          onChange={(value) => show(value, search)}
          className="wrapping"
        />
        <TextInput
          aria-label={t`Search files and reasons`}
          placeholder={t`Search files and reasons`}
          value={search}
          onChange={(event) => {
            setSearch(event.currentTarget.value);
            searchLater(event.currentTarget.value);
          }}
          style={{ flex: "1 1 220px" }}
        />
      </Group>
      <Problem error={outcomes.error} title={t`The outcomes cannot be shown`} />
      {outcomes.isPending && <Loading label={t`Loading outcomes`} />}
      {outcomes.data && outcomes.data.total === 0 && (
        <Text size="sm">
          <Trans>No file matches.</Trans>
        </Text>
      )}
      {outcomes.data && outcomes.data.total > 0 && (
        <>
          <Table.ScrollContainer minWidth={300}>
            <OutcomeTable
              projectId={projectId}
              label={t`Outcomes of the import`}
              list={list}
              outcomes={outcomes.data.items.map((item, index) => ({ ...item, key: `${page}.${index}` }))}
            />
          </Table.ScrollContainer>
          <Pager
            page={page}
            size={SIZE}
            total={outcomes.data.total}
            onChange={(at) => show(shown, search, at)}
            noun={t`files`}
          />
        </>
      )}
    </Stack>
  );
}
