import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Stack } from "@mantine/core";
import { useState } from "react";
import { startExchangeJob } from "@/api/exchanges";
import type { ExchangeJob, ExchangeModel } from "@/api/types";
import { ExchangeJobProgress } from "./ExchangeJobProgress";
import { ReasonDialog } from "./ReasonDialog";

type Props = { exchangeId: string; model: ExchangeModel };

/** Takes back a version that was published from here; others read why. */
export function Withdraw({ exchangeId, model }: Props) {
  const [open, setOpen] = useState(false);
  const [begun, setBegun] = useState<ExchangeJob | null>(null);
  const withdraw = async (reason: string) =>
    setBegun(await startExchangeJob(exchangeId, { kind: "withdraw", item: model.place, reason }));
  return (
    <Stack gap="sm">
      <Group>
        <Button variant="default" onClick={() => setOpen(true)}>
          <Trans>Withdraw this version</Trans>
        </Button>
      </Group>
      {begun && (
        <ExchangeJobProgress key={begun.id} exchangeId={exchangeId} job={begun} label={t`Progress of withdrawing`} />
      )}
      {open && (
        <ReasonDialog
          title={t`Withdraw this version?`}
          confirm={t`Withdraw`}
          failed={t`Not withdrawn`}
          act={withdraw}
          onDone={() => setOpen(false)}
          onClose={() => setOpen(false)}
        >
          <Trans>
            Its package is deleted from the exchange; the card stays, with your reason. Those who have fetched it keep
            what they have. You can withdraw only what was published with the key of this platform.
          </Trans>
        </ReasonDialog>
      )}
    </Stack>
  );
}
