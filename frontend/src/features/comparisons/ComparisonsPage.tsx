import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Group, Paper, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { comparisonsQuery } from "@/api/comparisons";
import type { Comparison } from "@/api/types";
import { ButtonLink } from "@/components/ButtonLink";
import { Icon } from "@/components/icons";
import { Problem } from "@/components/Note";
import { Empty, Loading, PageHead } from "@/components/Page";
import { useProjectId } from "@/components/useProjectId";
import { WorkerBanner } from "@/components/WorkerBanner";
import { dateTime } from "@/lib/format";
import { ComparisonStatus } from "./ComparisonStatus";

/** All comparisons of a project. */
export function ComparisonsPage() {
  const projectId = useProjectId();
  const comparisons = useQuery(comparisonsQuery(projectId));
  const start = (
    <ButtonLink to="new" leftSection={<Icon name="plus" />}>
      <Trans>New comparison</Trans>
    </ButtonLink>
  );
  return (
    <Stack gap="lg">
      <PageHead
        title={t`Which model?`}
        lead={t`Train several models on the same recordings, test each on recordings that it has not seen, and see which one to use.`}
        actions={start}
      />
      <WorkerBanner />
      <Problem error={comparisons.error} title={t`The comparisons cannot be shown`} />
      {comparisons.isPending && <Loading label={t`Loading comparisons`} />}
      {comparisons.data?.length === 0 && (
        <Empty title={t`No comparison yet`} action={start}>
          <Trans>
            Nobody can know beforehand which model suits your recordings and labels best. A comparison finds out.
          </Trans>
        </Empty>
      )}
      {comparisons.data && comparisons.data.length > 0 && (
        <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: "none" }} aria-label={t`Comparisons`}>
          {comparisons.data.map((one) => (
            <ComparisonRow key={one.id} comparison={one} />
          ))}
        </Stack>
      )}
    </Stack>
  );
}

function ComparisonRow({ comparison }: { comparison: Comparison }) {
  return (
    <Paper component="li" withBorder p="md">
      <Stack gap={6}>
        <Group justify="space-between" gap="xs">
          <Link className="row-link" to={encodeURIComponent(comparison.id)}>
            {comparison.name}
          </Link>
          <ComparisonStatus comparison={comparison} />
        </Group>
        <Text size="sm">{comparison.candidates.map(({ title }) => title).join(" · ")}</Text>
        <Text size="sm" c="dimmed">
          {comparison.dataset_name} · {dateTime(comparison.created_at)}
        </Text>
      </Stack>
    </Paper>
  );
}
