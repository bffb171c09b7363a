import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Group, Paper, Stack, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { isOver } from "@/api/jobs";
import { deleteTransfer, transfersOfExchangeQuery } from "@/api/transfers";
import type { Transfer } from "@/api/types";
import { TextLink } from "@/components/ButtonLink";
import { Chip, StatusChip } from "@/components/Chip";
import { ConfirmButton } from "@/components/ConfirmButton";
import { Note, Problem } from "@/components/Note";
import { Empty, Loading } from "@/components/Page";
import { Pager } from "@/components/Pager";
import { dateTime } from "@/lib/format";
import { projectPath } from "@/lib/paths";
import { TransferProgress } from "./TransferProgress";
import { sentence } from "./words";

/** The models that came from an exchange or went into it, of all projects; what was refused, with the reason. */
export function Transfers({ exchangeId }: { exchangeId: string }) {
  const [page, setPage] = useState(1);
  const transfers = useQuery(transfersOfExchangeQuery(exchangeId, page));
  return (
    <Stack gap="md">
      <Problem error={transfers.error} title={t`The transfers cannot be shown`} />
      {transfers.isPending && <Loading label={t`Loading transfers`} />}
      {transfers.data?.total === 0 && (
        <Empty title={t`Nothing was transferred yet`}>
          <Trans>Models that you fetch from this exchange, or publish in it, are listed here.</Trans>
        </Empty>
      )}
      {transfers.data && transfers.data.total > 0 && (
        <>
          <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: "none" }} aria-label={t`Transfers`}>
            {transfers.data.items.map((transfer) => (
              <Row key={transfer.id} exchangeId={exchangeId} transfer={transfer} />
            ))}
          </Stack>
          <Pager
            page={page}
            size={10}
            total={transfers.data.total}
            onChange={setPage}
            noun={plural(transfers.data.total, { one: "transfer", other: "transfers" })}
          />
        </>
      )}
    </Stack>
  );
}

function Row({ exchangeId, transfer }: { exchangeId: string; transfer: Transfer }) {
  const queries = useQueryClient();
  const { job, name } = transfer;
  return (
    <Paper component="li" withBorder p="md">
      <Stack gap={6}>
        <Group justify="space-between" gap="xs">
          <Text fw={600} style={{ overflowWrap: "anywhere" }}>
            {transfer.direction === "pull" ? t`Fetched: ${name}` : t`Published: ${name}`}
          </Text>
          <Group gap="xs">
            {transfer.quarantined === null ? (
              <StatusChip status={job.status} />
            ) : (
              <Chip tone="bad" icon="alert">
                <Trans>Quarantined</Trans>
              </Chip>
            )}
            {isOver(job) && (
              <ConfirmButton
                takes="delete_transfer"
                projectId={transfer.project_id}
                label={t`Delete this entry`}
                iconOnly
                question={t`Delete this entry?`}
                confirm={t`Delete`}
                onConfirm={() => deleteTransfer(transfer.project_id, transfer.id)}
                onDone={() => void queries.invalidateQueries({ queryKey: ["exchange", exchangeId, "transfers"] })}
              >
                {transfer.quarantined === null
                  ? t`The entry goes; models stay.`
                  : t`What lies in quarantine is deleted with it.`}
              </ConfirmButton>
            )}
          </Group>
        </Group>
        <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {transfer.item && `${transfer.item} · `}
          {dateTime(transfer.created_at)}
        </Text>
        {!isOver(job) && <TransferProgress transfer={transfer} />}
        {transfer.quarantined !== null && (
          <Note tone="bad" title={t`Not taken in`}>
            {sentence(transfer.quarantined)}
          </Note>
        )}
        {transfer.quarantined === null && job.error && <Note tone="bad">{job.error}</Note>}
        {transfer.model_id && (
          <Text size="sm">
            <TextLink to={projectPath(transfer.project_id, "models", transfer.model_id)}>
              <Trans>Open the model</Trans>
            </TextLink>
          </Text>
        )}
      </Stack>
    </Paper>
  );
}
