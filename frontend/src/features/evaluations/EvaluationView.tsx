import { t } from "@lingui/core/macro";
import { Paper, Stack } from "@mantine/core";
import type { Evaluation } from "@/api/types";
import { Notes } from "@/components/Note";
import { ClassTable } from "./ClassTable";
import { Confusion } from "./Confusion";
import { Headline } from "./Headline";
import { OperatingPoints } from "./OperatingPoints";
import { Reliability } from "./Reliability";
import { RocChart } from "./RocChart";

/** Everything that is known of how good a model is on some recordings. */
export function EvaluationView({ evaluation }: { evaluation: Evaluation }) {
  return (
    <Stack gap="lg">
      <Headline evaluation={evaluation} />
      <Notes notes={evaluation.notes} title={t`Please note`} />
      <Paper withBorder p="md">
        <ClassTable evaluation={evaluation} />
      </Paper>
      <Paper withBorder p="md">
        <Confusion evaluation={evaluation} />
      </Paper>
      <Paper withBorder p="md">
        <RocChart evaluation={evaluation} />
      </Paper>
      <Reliability evaluation={evaluation} />
      <OperatingPoints evaluation={evaluation} />
    </Stack>
  );
}
