import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
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
  const model = shipped.name;
  const [labelled, few] = [n.toLocaleString(region()), FEW_LABELS.toLocaleString(region())];
  return (
    <Text size="sm" c="dimmed" maw={760}>
      {n <= FEW_LABELS
        ? t`With ${labelled} labelled recordings, start from ${model} and train its head only: where we measured it, that was as good as a new model, in a fraction of the time.`
        : t`With more than ${few} labelled recordings, train a new model: we expect it to overtake ${model} with its head only.`}{" "}
      <Trans>Your recordings may differ: train both and compare.</Trans>{" "}
      <TextLink to={projectPath(projectId, "models", shipped.id)}>
        <Trans>What was measured</Trans>
      </TextLink>
    </Text>
  );
}
