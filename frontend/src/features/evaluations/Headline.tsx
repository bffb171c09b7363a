import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { SimpleGrid } from "@mantine/core";
import type { ReactNode } from "react";
import type { Estimate, Evaluation } from "@/api/types";
import { digitsOfPercent, digitsOfShare, percent, score } from "@/lib/format";
import { intervalOf } from "./estimate";
import { MeasuredOn, Score } from "./Score";

/** The few numbers that say most, each with its interval and what it rests on. */
export function Headline({ evaluation }: { evaluation: Evaluation }) {
  const { n } = evaluation;
  const digits = digitsOfShare(n);
  const upTo = percent(Math.min(1, 3 / n), digitsOfPercent(n));
  return (
    <div>
      <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }}>
        <Share name={t`F1, mean over labels`} about={t`F1`} estimate={evaluation.macro_f1} digits={digits}>
          <Trans>
            F1 combines precision (of the recordings predicted to have a label, the fraction that have it) and recall
            (of those that have it, the fraction that were found). 1 is perfect. Every label counts equally, rare or
            common.
          </Trans>
        </Share>
        <Share name={t`F1, weighted`} about={t`weighted F1`} estimate={evaluation.weighted_f1} digits={digits}>
          <Trans>
            As F1, but common labels count more. It is usually higher than the mean over labels if rare labels are
            predicted less well.
          </Trans>
        </Share>
        <Share name={t`AUROC, mean over labels`} about={t`AUROC`} estimate={evaluation.macro_auroc} digits={digits}>
          <Trans>
            The probability that a recording with a label is rated higher than one without it (area under the ROC
            curve). 0.5 is chance, 1 is perfect. It does not depend on a threshold.
          </Trans>
        </Share>
        <Share
          name={evaluation.task === "single_label" ? t`Accuracy` : t`All labels correct`}
          about={t`accuracy`}
          estimate={evaluation.accuracy}
          digits={digits}
        >
          <Trans>
            The fraction of recordings for which the label, or all labels together, were predicted correctly. It is
            misleadingly high if one label is much more common than the others.
          </Trans>
        </Share>
      </SimpleGrid>
      <MeasuredOn of={evaluation}>
        {evaluation.accuracy.value === 1 &&
          ` ${t`No errors in ${plural(n, { one: "# recording", other: "# recordings" })}: the true error rate may still be up to ${upTo} (95 % confidence, rule of three).`}`}
      </MeasuredOn>
    </div>
  );
}

type ShareProps = { name: string; about: string; estimate: Estimate; digits: number; children: ReactNode };

function Share({ name, about, estimate, digits, children }: ShareProps) {
  return (
    <Score
      name={name}
      about={about}
      value={score(estimate.value, digits)}
      interval={intervalOf(estimate, digits)}
      withheld={estimate.withheld}
    >
      {children}
    </Score>
  );
}
