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
      title="Undo this round?"
      confirm="Undo the round"
      failed="Not undone"
      act={(reason) => undoRound(exchangeId, round, reason)}
      onDone={() => {
        void queries.invalidateQueries({ queryKey: ["exchange", exchangeId] });
        onClose();
      }}
      onClose={onClose}
    >
      {round.merged
        ? "The version that came of it is withdrawn; those who have fetched it keep what they have. "
        : "Nothing is merged any more. "}
      What the sites have sent stays in the folder, so that everybody can see what has happened.
    </ReasonDialog>
  );
}
