import { plural, t } from "@lingui/core/macro";
import { Plural, Trans } from "@lingui/react/macro";
import { Stack } from "@mantine/core";
import { useMemo } from "react";
import type { ExchangeJob, Verified } from "@/api/types";
import { Note, Notes } from "@/components/Note";
import { JobProgress } from "@/features/jobs/JobProgress";
import { texts, useJobFeed } from "@/features/jobs/useJobFeed";

type Props = { exchangeId: string; job: ExchangeJob; label: string; onEnd?: () => void };

/** How far long work in an exchange is, and what came of it. */
export function ExchangeJobProgress({ exchangeId, job: known, label, onEnd }: Props) {
  const owner = useMemo(() => ({ exchangeId }), [exchangeId]);
  const { job, events } = useJobFeed(owner, known, onEnd);
  const result = events.find((event) => event.kind === "result")?.payload;
  return (
    <Stack gap="xs">
      <JobProgress owner={owner} job={job} label={label} />
      {result?.models && <Verdicts models={result.models} />}
      {result?.n_versions !== undefined && (
        <Note tone="good">
          <Plural value={result.n_versions} one="The index names # version." other="The index names # versions." />
        </Note>
      )}
      <Notes notes={result?.notes ?? texts(events, "note")} tone="info" title={t`Please note`} />
    </Stack>
  );
}

/** What was found of each model; those that are not sound come first, in full. */
function Verdicts({ models }: { models: Verified[] }) {
  const unsound = models.filter(({ sound }) => !sound);
  const said = ({ place, verdict }: Verified) => `${place}: ${verdict}`;
  return (
    <>
      <Notes
        notes={unsound.map(said)}
        tone="bad"
        title={plural(unsound.length, { one: "# model not sound", other: "# models not sound" })}
      />
      <Notes
        notes={models.filter(({ sound }) => sound).map(said)}
        tone="good"
        title={plural(models.length - unsound.length, { one: "# model sound", other: "# models sound" })}
      />
      {models.length === 0 && (
        <Note tone="info">
          <Trans>There is no model to verify.</Trans>
        </Note>
      )}
    </>
  );
}
