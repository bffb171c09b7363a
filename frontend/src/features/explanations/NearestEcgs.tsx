import { Paper, Table, Text } from "@mantine/core";
import type { NearestRecordings } from "@/api/types";
import { TextLink } from "@/components/ButtonLink";
import { Section } from "@/components/Page";
import { count, percent } from "@/lib/format";
import { projectPath } from "@/lib/paths";

type Props = { projectId: string; nearest: NearestRecordings; label: string };

/** The training ECGs of the project that are most like this one. */
export function NearestEcgs({ projectId, nearest, label }: Props) {
  return (
    <Paper withBorder p="md">
      <Section title="Training ECGs that are most like this one">
        {nearest.recordings.length === 0 ? (
          <Text size="sm">{nearest.why_not || "There is none left to show."}</Text>
        ) : (
          <>
            <Table className="numbers" aria-label="Nearest training ECGs" maw={720}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Recording</Table.Th>
                  <Table.Th>Known labels</Table.Th>
                  <Table.Th ta="right">Similarity</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {nearest.recordings.map((one) => (
                  <Table.Tr key={one.recording_id}>
                    <Table.Td className="name">
                      <TextLink to={projectPath(projectId, "recordings", one.recording_id)}>{one.file_name}</TextLink>
                    </Table.Td>
                    <Table.Td className="name">{one.known ? one.known.join(", ") || "none" : "not known"}</Table.Td>
                    <Table.Td ta="right">{one.similarity.toFixed(2)}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
            <Text size="sm" c="dimmed">
              By the embedding of CardX, not by this model's own view; out of{" "}
              {count(nearest.n_compared ?? 0, "training ECG")} of this project.
              {typeof nearest.share_with_label === "number" &&
                ` For comparison: ${percent(nearest.share_with_label, 0)} of them have the label ${label}.`}
            </Text>
          </>
        )}
      </Section>
    </Paper>
  );
}
