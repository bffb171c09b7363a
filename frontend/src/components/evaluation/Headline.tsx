import { SimpleGrid } from "@mantine/core";
import type { ReactNode } from "react";
import type { Estimate, Evaluation } from "@/lib/evaluation";
import { percent, score } from "@/lib/format";
import { MeasuredOn, Score } from "./Score";

/** The few numbers that say most, each with its interval and what it rests on. */
export function Headline({ evaluation }: { evaluation: Evaluation }) {
  return (
    <div>
      <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }}>
        <Share name="F1, mean over labels" about="F1" estimate={evaluation.macro_f1}>
          F1 joins two questions: of the recordings said to have a label, how many have it (precision), and of those
          that have it, how many were found (recall). 1 is perfect. Here every label counts the same, rare or not.
        </Share>
        <Share name="F1, weighted" about="weighted F1" estimate={evaluation.weighted_f1}>
          The same F1, but frequent labels count more. It is mostly higher than the mean over labels where rare labels
          are found less well.
        </Share>
        <Share name="AUROC, mean over labels" about="AUROC" estimate={evaluation.macro_auroc}>
          How well the probabilities put recordings with a label above those without it. 0.5 is chance, 1 is perfect. It
          does not depend on a threshold.
        </Share>
        <Share
          name={evaluation.task === "single_label" ? "Right label" : "All labels right"}
          about="accuracy"
          estimate={evaluation.accuracy}
        >
          The share of recordings whose label, or whose labels all together, were right. It flatters where one label is
          much more frequent than the others.
        </Share>
      </SimpleGrid>
      <MeasuredOn of={evaluation}>
        {evaluation.accuracy.value === 1 &&
          ` Not one error in ${evaluation.n} recordings does not mean that there are none: the true share of errors may still be ${percent(Math.min(1, 3 / evaluation.n), 1)} (95 %, rule of three).`}
      </MeasuredOn>
    </div>
  );
}

type ShareProps = { name: string; about: string; estimate: Estimate; children: ReactNode };

function Share({ name, about, estimate: { value, low, high }, children }: ShareProps) {
  return (
    <Score
      name={name}
      about={about}
      value={score(value)}
      interval={low === null || high === null ? null : `${score(low)} to ${score(high)}`}
    >
      {children}
    </Score>
  );
}
