import { Group, Paper, Stack, Switch, Table, Text } from "@mantine/core";
import { useMemo, useState } from "react";
import { Link } from "react-router";
import { Chip } from "@/components/Chip";
import type { IconName } from "@/components/icons";
import type { Tone } from "@/components/Note";
import { Section } from "@/components/Page";
import { Pager } from "@/components/Pager";
import { projectPath } from "@/lib/paths";
import type { FileOutcome, FileStatus } from "./uploader";

const SIZE = 50;

const LOOKS: Record<FileStatus, { tone: Tone; icon: IconName; text: string }> = {
  imported: { tone: "good", icon: "check", text: "Imported" },
  updated: { tone: "info", icon: "check", text: "Updated" },
  duplicate: { tone: "calm", icon: "info", text: "Already here" },
  refused: { tone: "bad", icon: "alert", text: "Refused" },
  failed: { tone: "bad", icon: "cross", text: "Not uploaded" },
};

export function isProblem(outcome: FileOutcome): boolean {
  return outcome.status === "refused" || outcome.status === "failed" || outcome.findings.length > 0;
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
            <Table aria-label="Outcomes of the upload" verticalSpacing={6}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th w={140}>Outcome</Table.Th>
                  <Table.Th>File</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {shown.slice((page - 1) * SIZE, page * SIZE).map((outcome) => (
                  <Row key={outcome.id} projectId={projectId} outcome={outcome} />
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
        <Pager page={page} size={SIZE} total={shown.length} onChange={setPage} noun="outcomes" />
      </Section>
    </Paper>
  );
}

function Row({ projectId, outcome }: { projectId: string; outcome: FileOutcome }) {
  const { tone, icon, text } = LOOKS[outcome.status];
  const [first] = outcome.recordingIds;
  return (
    <Table.Tr>
      <Table.Td style={{ verticalAlign: "top" }}>
        <Chip tone={tone} icon={icon}>
          {text}
        </Chip>
      </Table.Td>
      <Table.Td>
        <Stack gap={2}>
          {first ? (
            <Link className="row-link" to={projectPath(projectId, "recordings", first)}>
              {outcome.fileName}
            </Link>
          ) : (
            <Text size="sm" fw={550} style={{ overflowWrap: "anywhere" }}>
              {outcome.fileName}
            </Text>
          )}
          {outcome.recordingIds.length > 1 && <Text size="sm">{outcome.recordingIds.length} recordings</Text>}
          {outcome.detail && <Text size="sm">{withoutName(outcome)}</Text>}
          {outcome.findings.map((finding) => (
            <Group key={finding.code} gap={6} wrap="nowrap" align="flex-start">
              <Chip tone="warn" icon="alert">
                Look
              </Chip>
              <Text size="sm">{finding.message}</Text>
            </Group>
          ))}
        </Stack>
      </Table.Td>
    </Table.Tr>
  );
}

/** Messages name their file, which already stands above them. */
function withoutName({ detail, fileName }: FileOutcome): string {
  const prefix = `${fileName}: `;
  return detail.startsWith(prefix) ? detail.slice(prefix.length) : detail;
}
