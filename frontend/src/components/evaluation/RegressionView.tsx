import { Paper, Stack } from "@mantine/core";
import { Notes } from "@/components/Note";
import type { Regression } from "@/lib/regression";
import { RegressionHeadline } from "./RegressionHeadline";
import { TargetAgreement } from "./TargetAgreement";
import { TargetTable } from "./TargetTable";

/** Everything that is known of how well a model estimates values. */
export function RegressionView({ evaluation }: { evaluation: Regression }) {
  return (
    <Stack gap="lg">
      <RegressionHeadline evaluation={evaluation} />
      <Notes notes={evaluation.notes} title="Take note" />
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
