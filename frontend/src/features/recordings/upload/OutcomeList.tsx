import { Paper, Switch, Table, Text } from "@mantine/core";
import { useMemo, useState } from "react";
import { OutcomeTable } from "@/components/OutcomeTable";
import { Section } from "@/components/Page";
import { Pager } from "@/components/Pager";
import type { FileOutcome } from "./uploader";

const SIZE = 50;

export function isProblem(outcome: FileOutcome): boolean {
  return outcome.status === "refused" || outcome.status === "failed" || (outcome.findings ?? []).length > 0;
}

/** What became of each file, fifty at a time: five thousand of them do not slow the page down. */
export function OutcomeList({ projectId, outcomes }: { projectId: string; outcomes: readonly FileOutcome[] }) {
  const [onlyProblems, setOnlyProblems] = useState(false);
  const [wanted, setPage] = useState(1);
  const shown = useMemo(() => (onlyProblems ? outcomes.filter(isProblem) : outcomes), [outcomes, onlyProblems]);
  const page = Math.min(wanted, Math.max(1, Math.ceil(shown.length / SIZE)));
  return (
    <Paper withBorder p="md">
      <Section
        title="What became of each file"
        actions={
          <Switch
            label="Show only problems"
            checked={onlyProblems}
            onChange={(event) => setOnlyProblems(event.currentTarget.checked)}
          />
        }
      >
        {shown.length === 0 ? (
          <Text size="sm">{onlyProblems ? "No problems: every file was taken." : "Nothing yet."}</Text>
        ) : (
          <Table.ScrollContainer minWidth={300} maxHeight={420} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
            <OutcomeTable
              projectId={projectId}
              label="Outcomes of the upload"
              outcomes={shown.slice((page - 1) * SIZE, page * SIZE)}
            />
          </Table.ScrollContainer>
        )}
        <Pager page={page} size={SIZE} total={shown.length} onChange={setPage} noun="outcomes" />
      </Section>
    </Paper>
  );
}
