import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { exchangeJobsQuery, startExchangeJob } from "@/api/exchanges";
import { isOver } from "@/api/jobs";
import { useMay, WhyNot } from "@/components/May";
import { Problem } from "@/components/Note";
import { ExchangeJobProgress } from "./ExchangeJobProgress";

type Props = { exchangeId: string; kind: "verify" | "index"; button: string; children: ReactNode };

/** Work in an exchange that may take long: a button that begins it, how far it is, and what it found last. */
export function LongWork({ exchangeId, kind, button, children }: Props) {
  const queries = useQueryClient();
  const may = useMay();
  const jobs = useQuery(exchangeJobsQuery(exchangeId));
  const begin = useMutation({
    mutationFn: () => startExchangeJob(exchangeId, { kind, item: "", reason: "" }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["exchange", exchangeId, "jobs"] }),
  });
  const last = jobs.data?.items.find((job) => job.kind === `exchanges.${kind}`);
  return (
    <>
      <Text size="sm" maw="75ch">
        {children}
      </Text>
      {may("start_exchange_job") ? (
        <Group>
          <Button
            variant="default"
            loading={begin.isPending}
            disabled={last !== undefined && !isOver(last)}
            onClick={() => begin.mutate()}
          >
            {button}
          </Button>
        </Group>
      ) : (
        <WhyNot operation="start_exchange_job">
          <Trans>You cannot start this.</Trans>
        </WhyNot>
      )}
      <Problem error={begin.error} title={t`It could not be begun`} />
      {last && <ExchangeJobProgress key={last.id} exchangeId={exchangeId} job={last} label={t`Progress: ${button}`} />}
    </>
  );
}
