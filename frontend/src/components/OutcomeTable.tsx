import { Plural, Trans } from "@lingui/react/macro";
import { Group, Stack, Table, Text } from "@mantine/core";
import { Link } from "react-router";
import { Chip } from "@/components/Chip";
import { inList, type RecordingList } from "@/lib/recordingList";
import { LOOKS, type ShownOutcome, withoutName } from "./outcomes";

type Props = {
  projectId: string;
  label: string;
  outcomes: readonly (ShownOutcome & { key: string | number })[];
  /** The list whose recordings these are: whoever opens one can go through all of it. */
  list?: RecordingList;
};

/** Files with what became of each: the outcome, the reason, and what to look at. */
export function OutcomeTable({ projectId, label, outcomes, list = {} }: Props) {
  return (
    <Table aria-label={label} verticalSpacing={6}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th w={140}>
            <Trans>Outcome</Trans>
          </Table.Th>
          <Table.Th>
            <Trans>File</Trans>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {outcomes.map((outcome) => (
          <Row key={outcome.key} projectId={projectId} outcome={outcome} list={list} />
        ))}
      </Table.Tbody>
    </Table>
  );
}

type RowProps = { projectId: string; outcome: ShownOutcome; list: RecordingList };

function Row({ projectId, outcome, list }: RowProps) {
  const { tone, icon, text } = LOOKS[outcome.status];
  const [first] = outcome.recording_ids;
  return (
    <Table.Tr>
      <Table.Td style={{ verticalAlign: "top" }}>
        <Chip tone={tone} icon={icon}>
          {text}
        </Chip>
      </Table.Td>
      <Table.Td style={{ overflowWrap: "anywhere" }}>
        <Stack gap={2}>
          {first ? (
            <Link className="row-link" to={inList(projectId, first, list)}>
              {outcome.file_name}
            </Link>
          ) : (
            <Text size="sm" fw={550} style={{ overflowWrap: "anywhere" }}>
              {outcome.file_name}
            </Text>
          )}
          {outcome.recording_ids.length > 1 && (
            <Text size="sm">
              <Plural value={outcome.recording_ids.length} one="# recording" other="# recordings" />
            </Text>
          )}
          {outcome.detail && <Text size="sm">{withoutName(outcome)}</Text>}
          {(outcome.findings ?? []).map((finding) => (
            <Group key={`${finding.code} ${finding.message}`} gap={6} wrap="nowrap" align="flex-start">
              <Chip tone="warn" icon="alert">
                <Trans>Check</Trans>
              </Chip>
              <Text size="sm">{finding.message}</Text>
            </Group>
          ))}
        </Stack>
      </Table.Td>
    </Table.Tr>
  );
}
