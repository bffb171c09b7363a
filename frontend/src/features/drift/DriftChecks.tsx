import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Paper, Select, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Link, useNavigate } from "react-router";
import { datasetsQuery } from "@/api/datasets";
import { createDriftCheck, driftChecksQuery } from "@/api/driftChecks";
import type { DriftCheck } from "@/api/types";
import { useFresh } from "@/api/useFresh";
import { Chip, StatusChip } from "@/components/Chip";
import { Icon } from "@/components/icons";
import { useMay, WhyNot } from "@/components/May";
import { Problem } from "@/components/Note";
import { Section } from "@/components/Page";
import { dateTime } from "@/lib/format";
import { projectPath } from "@/lib/paths";
import { VERDICTS } from "./verdict";

/** Asks whether the ECGs of a dataset are like those that a model learned from, and lists what was asked before. */
export function DriftChecks({ projectId, modelId }: { projectId: string; modelId: string }) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const may = useMay();
  const checks = useQuery(driftChecksQuery(projectId, modelId));
  const datasets = useFresh(datasetsQuery(projectId));
  const [chosen, setChosen] = useState<string | null>(null);
  const datasetId = chosen ?? datasets.data?.[0]?.id ?? null;
  const start = useMutation({
    mutationFn: () => createDriftCheck(projectId, modelId, datasetId ?? ""),
    onSuccess: (check) => {
      void queries.invalidateQueries({ queryKey: ["project", projectId, "drift-checks"] });
      navigate(projectPath(projectId, "drift-checks", check.id));
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    start.mutate();
  };
  return (
    <Paper withBorder p="md">
      <Section title={t`Does it fit these ECGs?`}>
        <Text size="sm" c="dimmed">
          <Trans>
            A model knows only ECGs like those it learned from. This check finds another device, a sampling rate
            declared wrongly, swapped leads and other patients. Labels are not needed.
          </Trans>
        </Text>
        {!may("create_drift_check", projectId) ? (
          <WhyNot operation="create_drift_check" projectId={projectId}>
            <Trans>You cannot start a check here.</Trans>
          </WhyNot>
        ) : datasets.data?.length === 0 ? (
          <Text size="sm">
            <Trans>Attach a table of labels first: it says which recordings are checked.</Trans>
          </Text>
        ) : (
          <form onSubmit={submit}>
            <Group align="flex-end" gap="sm">
              <Select
                label={t`Recordings of`}
                data={(datasets.data ?? []).map(({ id, name, n_matched }) => ({
                  value: id,
                  label: t`${name} (${plural(n_matched, { one: "# recording", other: "# recordings" })})`,
                }))}
                value={datasetId}
                allowDeselect={false}
                onChange={setChosen}
                style={{ flex: "1 1 260px" }}
              />
              <Button
                type="submit"
                variant="default"
                loading={start.isPending}
                disabled={!datasetId}
                leftSection={<Icon name="play" size={16} />}
              >
                <Trans>Check</Trans>
              </Button>
            </Group>
          </form>
        )}
        <Problem error={start.error} title={t`The check could not be started`} />
        <Problem error={checks.error ?? datasets.error} title={t`The checks cannot be shown`} />
        {checks.data && checks.data.length > 0 && (
          <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: "none" }} aria-label={t`Drift checks`}>
            {checks.data.map((check) => (
              <Row key={check.id} projectId={projectId} check={check} />
            ))}
          </Stack>
        )}
      </Section>
    </Paper>
  );
}

function Row({ projectId, check }: { projectId: string; check: DriftCheck }) {
  const shown = check.result && VERDICTS[check.result.verdict];
  return (
    <Stack component="li" gap={4}>
      <Group justify="space-between" gap="xs">
        <Link className="row-link" to={projectPath(projectId, "drift-checks", check.id)}>
          {check.dataset_name}
        </Link>
        {shown ? (
          <Chip tone={shown.tone} icon={shown.icon}>
            {shown.short}
          </Chip>
        ) : (
          <StatusChip status={check.job.status} />
        )}
      </Group>
      <Text size="sm" c="dimmed">
        {check.result && `${plural(check.result.n, { one: "# ECG", other: "# ECGs" })} · `}
        {dateTime(check.created_at)}
      </Text>
    </Stack>
  );
}
