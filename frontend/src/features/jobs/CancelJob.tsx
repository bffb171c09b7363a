import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, type ButtonProps, Group, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { cancelJob, type JobOwner } from "@/api/jobs";
import type { JobState } from "@/api/types";
import { Icon } from "@/components/icons";
import { useMay } from "@/components/May";
import { Problem } from "@/components/Note";

type Props = { owner: JobOwner; job: JobState; canKeep?: boolean } & Pick<ButtonProps, "size">;

/** Whether a job was asked to stop, and has not yet. */
export const isStopping = (job: JobState): boolean =>
  job.cancel_requested_at !== null || job.stop_requested_at !== null;

/** Cancels a job; of a training that has a best epoch it asks first whether to keep the model so far. */
export function CancelJob({ owner, job, canKeep = false, size = "xs" }: Props) {
  const [asking, setAsking] = useState(false);
  const cancel = useMutation({
    mutationFn: (keepModel: boolean) => cancelJob(owner, job.id, keepModel),
    onSuccess: () => setAsking(false),
  });
  const may = useMay();
  if (typeof owner === "string" ? !may("cancel_job", owner) : !may("cancel_exchange_job")) return null;
  const stopping = isStopping(job) || cancel.isSuccess;
  const button = (text: string, keep: boolean) => (
    <Button size={size} variant="default" loading={cancel.isPending} onClick={() => cancel.mutate(keep)}>
      {text}
    </Button>
  );
  return (
    <Stack gap={6} align="flex-start">
      {asking && !stopping ? (
        <Stack gap={6} role="group" aria-label={t`Keep the model so far?`}>
          <Text size="sm" fw={600}>
            <Trans>Keep the model so far?</Trans>
          </Text>
          <Group gap="xs">
            {button(t`Stop and keep the model`, true)}
            {button(t`Cancel without a model`, false)}
            <Button size={size} variant="subtle" onClick={() => setAsking(false)}>
              <Trans>Go on training</Trans>
            </Button>
          </Group>
        </Stack>
      ) : (
        <Button
          size={size}
          variant="default"
          leftSection={<Icon name="stop" size={14} />}
          disabled={stopping}
          loading={cancel.isPending}
          onClick={() => (canKeep ? setAsking(true) : cancel.mutate(false))}
        >
          {stopping ? t`Stopping …` : t`Cancel`}
        </Button>
      )}
      <Problem error={cancel.error} />
    </Stack>
  );
}
