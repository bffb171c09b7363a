import { List, Paper, Stack, Table, Text } from "@mantine/core";
import type { ModelEvaluationDetail } from "@/api/types";
import { Facts } from "@/components/Facts";
import { Note } from "@/components/Note";
import { Section } from "@/components/Page";
import { region } from "@/language/language";
import { count } from "@/lib/format";
import { seenFact } from "./seenInWords";

/** How many patients, recordings and events the numbers rest on, and who was left out and why. */
export function WhoWasEvaluated({ evaluation }: { evaluation: ModelEvaluationDetail }) {
  const { result, left_out } = evaluation;
  if (!result) return null;
  const seen = left_out.find(({ reason }) => reason === "seen");
  return (
    <Paper withBorder p="md">
      <Section title="Who was evaluated">
        <Stack gap="md">
          <Facts
            facts={[
              ["Patients", result.n_patients.toLocaleString(region())],
              ["Recordings", result.n.toLocaleString(region())],
              [
                "Of unknown patients",
                result.n_without_patient > 0 &&
                  `${count(result.n_without_patient, "recording")}, each counted as a patient of its own`,
              ],
              ["Seen by the model", seenFact(evaluation, result.n_seen)],
            ]}
          />
          {result.outputs.length > 0 && (
            <Table.ScrollContainer minWidth={420} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
              <Table className="numbers" aria-label="Events">
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>Label</Table.Th>
                    <Table.Th ta="right">Patients with it</Table.Th>
                    <Table.Th ta="right">Recordings with it</Table.Th>
                    <Table.Th ta="right">Recordings without</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {result.outputs.map((one) => (
                    <Table.Tr key={one.label}>
                      <Table.Td style={{ overflowWrap: "anywhere" }}>
                        {one.label}
                        {one.table_label !== one.label && (
                          <Text component="span" size="xs" c="dimmed">
                            {" "}
                            (“{one.table_label}” in the table)
                          </Text>
                        )}
                      </Table.Td>
                      <Table.Td ta="right">{one.n_patients_present.toLocaleString(region())}</Table.Td>
                      <Table.Td ta="right">{one.n_present.toLocaleString(region())}</Table.Td>
                      <Table.Td ta="right">{one.n_absent.toLocaleString(region())}</Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )}
          {result.unknown_labels.length > 0 && (
            <Note tone="info" title="Labels that the table does not know">
              {result.unknown_labels.join(", ")}: nothing is known of them in this dataset, so they are not evaluated.
              They do not count as absent.
            </Note>
          )}
          {left_out.length > 0 && (
            <Note tone={seen ? "info" : "calm"} title={`Left out: ${count(total(left_out), "recording")}`}>
              <List size="sm">
                {left_out.map(({ why, n }) => (
                  <List.Item key={why}>
                    {n.toLocaleString(region())}: {why}
                  </List.Item>
                ))}
              </List>
            </Note>
          )}
        </Stack>
      </Section>
    </Paper>
  );
}

function total(rows: readonly { n: number }[]): number {
  return rows.reduce((sum, { n }) => sum + n, 0);
}
