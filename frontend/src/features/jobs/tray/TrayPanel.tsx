import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Box, Stack, Switch, Text, Title } from "@mantine/core";
import { useState } from "react";
import type { TrayJob } from "@/api/types";
import { TrayItem } from "./TrayItem";
import { canNotify, wantNotes, wantsNotes } from "./tell";

/** All jobs that go on and the newest that have ended, and whether one wants to be told of their end. */
export function TrayPanel({ jobs, onGo }: { jobs: readonly TrayJob[]; onGo: () => void }) {
  const [notes, setNotes] = useState(wantsNotes);
  const [refused, setRefused] = useState(false);
  const change = async (wanted: boolean) => {
    const granted = await wantNotes(wanted);
    setNotes(granted);
    setRefused(wanted && !granted);
  };
  return (
    <Stack gap="sm">
      <Title order={2} size="h5">
        <Trans>Jobs</Trans>
      </Title>
      {jobs.length === 0 && <Text size="sm">{t`No job has been started in the last week.`}</Text>}
      <Box mah="60dvh" style={{ overflowY: "auto" }}>
        <Stack component="ul" gap={0} p={0} m={0} style={{ listStyle: "none" }} aria-label={t`Jobs of all projects`}>
          {jobs.map((job) => (
            <TrayItem key={job.id} job={job} onGo={onGo} />
          ))}
        </Stack>
      </Box>
      {canNotify() && (
        <Switch
          label={t`Notify me when a job ends`}
          checked={notes}
          onChange={(event) => void change(event.currentTarget.checked)}
          error={refused ? t`Your browser does not allow it for this page. Change that in its settings.` : undefined}
        />
      )}
    </Stack>
  );
}
