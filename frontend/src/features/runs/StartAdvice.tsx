import { Text } from "@mantine/core";
import type { Model } from "@/api/types";
import { TextLink } from "@/components/ButtonLink";
import { region } from "@/language/language";
import { projectPath } from "@/lib/paths";

/** Labelled recordings up to which a foundation model was as good as a new one where it was measured: docs/experiments.md. */
export const FEW_LABELS = 500;

/** What the measurements say for so many labelled recordings; of labels only, and where a model comes with the platform. */
export function StartAdvice({ projectId, bases, n }: { projectId: string; bases: readonly Model[]; n: number }) {
  const shipped = bases.find(({ origin }) => origin === "shipped");
  if (!shipped || n === 0) return null;
  return (
    <Text size="sm" c="dimmed" maw={760}>
      {n <= FEW_LABELS
        ? `With ${n.toLocaleString(region())} labelled recordings, start from ${shipped.name} and train its head only: where we measured it, that was as good as a new model, in a fraction of the time.`
        : `With more than ${FEW_LABELS.toLocaleString(region())} labelled recordings, train a new model: we expect it to overtake ${shipped.name} with its head only.`}{" "}
      Your recordings may differ: train both and compare.{" "}
      <TextLink to={projectPath(projectId, "models", shipped.id)}>What was measured</TextLink>
    </Text>
  );
}
