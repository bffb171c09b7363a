import { Button, Group } from "@mantine/core";
import { useState } from "react";
import { withdrawModel } from "@/api/exchanges";
import type { ExchangeModel } from "@/api/types";
import { ReasonDialog } from "./ReasonDialog";

type Props = { exchangeId: string; model: ExchangeModel; onDone: () => void };

/** Takes back a version that was published from here; others read why. */
export function Withdraw({ exchangeId, model, onDone }: Props) {
  const [open, setOpen] = useState(false);
  return (
    <Group>
      <Button variant="default" onClick={() => setOpen(true)}>
        Withdraw this version
      </Button>
      {open && (
        <ReasonDialog
          title="Withdraw this version?"
          confirm="Withdraw"
          failed="Not withdrawn"
          act={(reason) => withdrawModel(exchangeId, model.slug, model.version ?? 0, reason)}
          onDone={() => {
            setOpen(false);
            onDone();
          }}
          onClose={() => setOpen(false)}
        >
          Its package is deleted from the exchange; the card stays, with your reason. Those who have fetched it keep
          what they have. You can withdraw only what was published with the key of this platform.
        </ReasonDialog>
      )}
    </Group>
  );
}
