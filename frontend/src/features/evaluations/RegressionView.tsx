import { t } from "@lingui/core/macro";
import { Paper, Stack } from "@mantine/core";
import type { RegressionEvaluation } from "@/api/types";
import { Notes } from "@/components/Note";
import { RegressionHeadline } from "./RegressionHeadline";
import { TargetAgreement } from "./TargetAgreement";
import { TargetTable } from "./TargetTable";

/** Everything that is known of how well a model estimates values. */
export function RegressionView({ evaluation }: { evaluation: RegressionEvaluation }) {
  return (
    <Stack gap="lg">
      <RegressionHeadline evaluation={evaluation} />
      <Notes notes={evaluation.notes} title={t`Please note`} />
      <Paper withBorder p="md">
        <TargetTable evaluation={evaluation} />
      </Paper>
      {evaluation.targets
        .filter(({ points }) => points.length > 0)
        .map((target) => (
          <Paper key={target.label} withBorder p="md">
            <TargetAgreement target={target} />
          </Paper>
        ))}
    </Stack>
  );
}
