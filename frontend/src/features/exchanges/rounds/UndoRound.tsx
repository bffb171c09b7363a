import { t } from "@lingui/core/macro";
import { useQueryClient } from "@tanstack/react-query";
import { undoRound } from "@/api/rounds";
import type { Round } from "@/api/types";
import { ReasonDialog } from "../ReasonDialog";

type Props = { exchangeId: string; round: Round; onClose: () => void };

/** Takes a round back; others read why. */
export function UndoRound({ exchangeId, round, onClose }: Props) {
  const queries = useQueryClient();
  return (
    <ReasonDialog
      title={t`Undo this round?`}
      confirm={t`Undo the round`}
      failed={t`Not undone`}
      act={(reason) => undoRound(exchangeId, round, reason)}
      onDone={() => {
        void queries.invalidateQueries({ queryKey: ["exchange", exchangeId] });
        onClose();
      }}
      onClose={onClose}
    >
      {round.merged
        ? t`The version that came of it is withdrawn; those who have fetched it keep what they have.`
        : t`Nothing is merged any more.`}{" "}
      {t`What the sites have sent stays in the folder, so that everybody can see what has happened.`}
    </ReasonDialog>
  );
}
