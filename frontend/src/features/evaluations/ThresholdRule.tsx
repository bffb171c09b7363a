import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Radio, Stack, Text } from "@mantine/core";
import type { Model, ModelEvaluation } from "@/api/types";
import { asEvaluation, isCrossValidated } from "./evaluation";
import { RULES } from "./OperatingPoints";

export type Rule = ModelEvaluation["settings"]["threshold_rule"];

/** The rules by which a model keeps a threshold for each of its labels, chosen at its training. */
export function rulesOf(model: Pick<Model, "labels" | "evaluation">): Exclude<Rule, undefined>[] {
  const classes = asEvaluation(model.evaluation)?.classes ?? [];
  const kept = (label: string, rule: string) =>
    classes.some((one) => one.label === label && (one.operating_points ?? []).some((point) => point.rule === rule));
  return (Object.keys(RULES) as Exclude<Rule, undefined>[]).filter((rule) =>
    model.labels.every((label) => kept(label, rule)),
  );
}

type Props = { model: Model; rule: Rule; onChange: (rule: Rule) => void };

function ruleLabel(rule: string, folds: boolean): string {
  return folds
    ? t`For ${rule}, chosen on its out-of-fold outputs`
    : t`For ${rule}, chosen on its validation recordings`;
}

/** Chooses from which outputs on the labels are told; never by the recordings that are evaluated. */
export function ThresholdRule({ model, rule, onChange }: Props) {
  const rules = rulesOf(model);
  const folds = isCrossValidated(model.evaluation);
  return (
    <Radio.Group label={t`Threshold`} value={rule ?? "own"} onChange={(value) => onChange(value as Rule)}>
      <Stack gap="xs" mt="xs">
        <Radio
          value="own"
          label={
            rules.length > 0 || model.run_id
              ? folds
                ? t`The model’s own, chosen on its out-of-fold outputs`
                : t`The model’s own, chosen on its validation recordings`
              : t`Those that came with the model, or 0.5`
          }
        />
        <Radio value="half" label={t`0.5 for each label`} />
        {rules.map((one) => (
          <Radio key={one} value={one} label={ruleLabel(RULES[one] ?? "", folds)} />
        ))}
        {rules.length === 0 && (
          <Text size="sm" c="dimmed">
            <Trans>
              The model keeps no other thresholds: it came from elsewhere or from an earlier version, and nothing is
              known of what it answered on validation recordings.
            </Trans>
          </Text>
        )}
      </Stack>
    </Radio.Group>
  );
}
