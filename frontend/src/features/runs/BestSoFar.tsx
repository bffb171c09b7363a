import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Text } from "@mantine/core";
import type { Epoch, Run } from "@/api/types";
import { score } from "@/lib/format";
import { areStrengths, bestOf } from "./epochs";

/** Which step of the training the model is of, and how good it was on the validation recordings. */
export function BestSoFar({ run, epochs, over }: { run: Run; epochs: readonly Epoch[]; over: boolean }) {
  const best = bestOf(epochs);
  if (!best) return null;
  const step = stepText(best.epoch, areStrengths(epochs), keepsLast(run), over);
  const loss = score(best.val_loss);
  const [f1, auroc, r2] = [score(best.macro_f1), score(best.macro_auroc), score(best.macro_r2)];
  return (
    <Text size="sm">
      {run.facts.task === "regression" ? (
        <Trans>
          {step}, with a validation loss of {loss} and R² {r2}.
        </Trans>
      ) : (
        <Trans>
          {step}, with a validation loss of {loss}, F1 {f1} and AUROC {auroc}.
        </Trans>
      )}
    </Text>
  );
}

/** "Best epoch so far: 7"; a fit of the head alone tries strengths in place of epochs. */
function stepText(n: number, onlyHead: boolean, lastKept: boolean, over: boolean): string {
  if (onlyHead) return over ? t`Best regularisation strength: ${n}` : t`Best regularisation strength so far: ${n}`;
  if (lastKept) return over ? t`The last epoch is kept: ${n}` : t`The last epoch will be kept; the latest: ${n}`;
  return over ? t`Best epoch: ${n}` : t`Best epoch so far: ${n}`;
}

/** Whether the last epoch is kept whatever the validation recordings say, so that none is the best. */
export function keepsLast(run: Run): boolean {
  const training = run.settings.training as { monitor?: unknown } | undefined;
  return training?.monitor === "last_epoch";
}
