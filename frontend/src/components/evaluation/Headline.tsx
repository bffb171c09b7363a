import { Group, Paper, SimpleGrid, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Help } from "@/components/Help";
import type { Estimate, Evaluation } from "@/lib/evaluation";
import { count, percent, score } from "@/lib/format";

/** The few numbers that say most, each with its interval and what it rests on. */
export function Headline({ evaluation }: { evaluation: Evaluation }) {
  return (
    <div>
      <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }}>
        <Score name="F1, mean over labels" about="F1" estimate={evaluation.macro_f1}>
          F1 joins two questions: of the recordings said to have a label, how many have it (precision), and of those
          that have it, how many were found (recall). 1 is perfect. Here every label counts the same, rare or not.
        </Score>
        <Score name="F1, weighted" about="weighted F1" estimate={evaluation.weighted_f1}>
          The same F1, but frequent labels count more. It is mostly higher than the mean over labels where rare labels
          are found less well.
        </Score>
        <Score name="AUROC, mean over labels" about="AUROC" estimate={evaluation.macro_auroc}>
          How well the probabilities put recordings with a label above those without it. 0.5 is chance, 1 is perfect. It
          does not depend on a threshold.
        </Score>
        <Score
          name={evaluation.task === "single_label" ? "Right label" : "All labels right"}
          about="accuracy"
          estimate={evaluation.accuracy}
        >
          The share of recordings whose label, or whose labels all together, were right. It flatters where one label is
          much more frequent than the others.
        </Score>
      </SimpleGrid>
      <Text size="sm" c="dimmed" mt="xs">
        Measured on {count(evaluation.n, "recording")}. In brackets: the 95 % interval when{" "}
        {evaluation.drawn_by === "patient" ? "other patients" : "other recordings"} had been drawn (
        {evaluation.resamples.toLocaleString("en")} resamples). A wide interval means: too few to be sure.
        {evaluation.accuracy.value === 1 &&
          ` Not one error in ${evaluation.n} recordings does not mean that there are none: the true share of errors may still be ${percent(Math.min(1, 3 / evaluation.n), 1)} (95 %, rule of three).`}
      </Text>
    </div>
  );
}

type ScoreProps = { name: string; about: string; estimate: Estimate; children: ReactNode };

function Score({ name, about, estimate, children }: ScoreProps) {
  return (
    <Paper withBorder p="md">
      <Group gap={4} justify="space-between" wrap="nowrap">
        <Text size="sm" c="dimmed">
          {name}
        </Text>
        <Help about={about}>{children}</Help>
      </Group>
      <Text fz={30} fw={650} lh={1.2} className="numbers">
        {score(estimate.value)}
      </Text>
      <Text size="sm" className="numbers">
        {estimate.low === null || estimate.high === null
          ? "no interval"
          : `(${score(estimate.low)} to ${score(estimate.high)})`}
      </Text>
    </Paper>
  );
}
