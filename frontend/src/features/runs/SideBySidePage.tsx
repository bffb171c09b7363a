import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { isOver } from "@/api/jobs";
import { sideBySideQuery } from "@/api/runs";
import type { RunBeside } from "@/api/types";
import { ButtonLink } from "@/components/ButtonLink";
import { CannotShow } from "@/components/CannotShow";
import { StatusChip } from "@/components/Chip";
import { Note } from "@/components/Note";
import { Empty, Loading, PageHead } from "@/components/Page";
import { useProjectId } from "@/components/useProjectId";
import { percent } from "@/lib/format";
import { projectPath } from "@/lib/paths";
import { BesideCurves } from "./BesideCurves";
import { BesideFigures } from "./BesideFigures";
import { BesideSettings } from "./BesideSettings";
import { FEWEST, letterAt, MOST } from "./sideBySide";

/** Two to five trainings of the project, which the address names. */
export function SideBySidePage() {
  const projectId = useProjectId();
  const ids = [...new Set(useSearchParams()[0].getAll("run"))];
  const fits = ids.length >= FEWEST && ids.length <= MOST;
  const found = useQuery({ ...sideBySideQuery(projectId, ids), enabled: fits });
  const back = (
    <ButtonLink to={projectPath(projectId, "runs")}>
      <Trans>Choose trainings</Trans>
    </ButtonLink>
  );
  const title = t`Side by side`;
  if (fits && found.isPending) return <Loading lines={8} label={t`Loading trainings`} />;
  if (fits && found.isError && !found.data)
    return <CannotShow title={t`The trainings cannot be shown`} error={found.error} />;
  if (!found.data || found.data.runs.length === 0)
    return (
      <Stack gap="lg">
        <PageHead title={title} />
        <Empty title={found.data ? t`These trainings are not there any more` : t`Two to five trainings`} action={back}>
          <Trans>Choose two to five trainings in the list to see them side by side.</Trans>
        </Empty>
      </Stack>
    );
  const { runs, gone, settings } = found.data;
  return (
    <Stack gap="lg">
      <PageHead
        title={title}
        lead={t`How these trainings differ, how they went, and how good their models are.`}
        actions={
          <ButtonLink to={projectPath(projectId, "runs")} variant="default">
            <Trans>Choose others</Trans>
          </ButtonLink>
        }
      />
      {gone.length > 0 && (
        <Note tone="info" title={t`Not all are there`}>
          {plural(gone.length, {
            one: "# of the trainings asked for has been deleted, or is not of this project.",
            other: "# of the trainings asked for have been deleted, or are not of this project.",
          })}
        </Note>
      )}
      <Stack component="ul" gap="xs" p={0} m={0} style={{ listStyle: "none" }} aria-label={t`Trainings`}>
        {runs.map((run, place) => (
          <RunLine key={run.id} projectId={projectId} run={run} letter={letterAt(place)} />
        ))}
      </Stack>
      <BesideSettings runs={runs} settings={settings} />
      <BesideFigures projectId={projectId} found={found.data} />
      <BesideCurves runs={runs} />
    </Stack>
  );
}

function RunLine({ projectId, run, letter }: { projectId: string; run: RunBeside; letter: string }) {
  const { job } = run;
  return (
    <li>
      <Group gap="xs" wrap="nowrap" align="baseline">
        <Text fw={700}>{letter}</Text>
        <div style={{ minWidth: 0 }}>
          <Group gap="xs">
            <Link className="row-link" to={projectPath(projectId, "runs", run.id)}>
              {run.name}
            </Link>
            <StatusChip status={job.status} />
          </Group>
          {!isOver(job) && (
            <Text size="sm" c="dimmed">
              {percent(job.progress)} · {job.message || t`waiting to start`}
            </Text>
          )}
          {job.error && <Text size="sm">{job.error}</Text>}
        </div>
      </Group>
    </li>
  );
}
