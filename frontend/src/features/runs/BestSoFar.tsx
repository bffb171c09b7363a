import { Text } from "@mantine/core";
import type { Epoch, Run } from "@/api/types";
import { score } from "@/lib/format";
import { bestOf, stepNoun } from "./epochs";

/** Which step of the training the model is of, and how good it was on the validation recordings. */
export function BestSoFar({ run, epochs, over }: { run: Run; epochs: readonly Epoch[]; over: boolean }) {
  const best = bestOf(epochs);
  if (!best) return null;
  const scores =
    run.facts.task === "regression"
      ? `and R² ${score(best.macro_r2)}`
      : `F1 ${score(best.macro_f1)} and AUROC ${score(best.macro_auroc)}`;
  const noun = stepNoun(epochs);
  const name =
    noun === "Regularisation strength"
      ? `Best regularisation strength${over ? "" : " so far"}`
      : keepsLast(run)
        ? over
          ? "The last epoch is kept"
          : "The last epoch will be kept; the latest"
        : `Best epoch${over ? "" : " so far"}`;
  return (
    <Text size="sm">
      {name}: {best.epoch}, with a validation loss of {score(best.val_loss)}
      {scores.startsWith("and") ? " " : ", "}
      {scores}.
    </Text>
  );
}

/** Whether the last epoch is kept whatever the validation recordings say, so that none is the best. */
export function keepsLast(run: Run): boolean {
  const training = run.settings.training as { monitor?: unknown } | undefined;
  return training?.monitor === "last_epoch";
}
