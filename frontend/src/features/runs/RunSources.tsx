import { t } from "@lingui/core/macro";
import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { runSourcesQuery } from "@/api/runs";
import { Problem } from "@/components/Note";
import { Loading } from "@/components/Page";
import { SourceTable } from "@/components/SourceTable";

/** How good a cross-validation by source is on each source. */
export function RunSources({ projectId, runId }: { projectId: string; runId: string }) {
  const { data, error, isPending } = useQuery(runSourcesQuery(projectId, runId));
  if (isPending) return <Loading label={t`Loading the results of each source`} />;
  if (!data) return <Problem error={error} title={t`The results of each source cannot be shown`} />;
  return (
    <>
      {data.text.map((sentence) => (
        <Text key={sentence} size="sm">
          {sentence}
        </Text>
      ))}
      <SourceTable by={data.by} measure={data.measure} sources={data.sources} />
    </>
  );
}
