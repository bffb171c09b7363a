import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { List, Paper, Stack, Table, Text } from "@mantine/core";
import type { ModelEvaluationDetail } from "@/api/types";
import { Facts } from "@/components/Facts";
import { Note } from "@/components/Note";
import { Section } from "@/components/Page";
import { region } from "@/language/language";
import { seenFact } from "./seenInWords";

/** How many patients, recordings and events the numbers rest on, and who was left out and why. */
export function WhoWasEvaluated({ evaluation }: { evaluation: ModelEvaluationDetail }) {
  const { result, left_out } = evaluation;
  if (!result) return null;
  const unknown = result.unknown_labels.join(", ");
  const nLeftOut = total(left_out);
  const seen = left_out.find(({ reason }) => reason === "seen");
  return (
    <Paper withBorder p="md">
      <Section title={t`Who was evaluated`}>
        <Stack gap="md">
          <Facts
            facts={[
              [t`Patients`, result.n_patients.toLocaleString(region())],
              [t`Recordings`, result.n.toLocaleString(region())],
              [
                t`Of unknown patients`,
                result.n_without_patient > 0 &&
                  plural(result.n_without_patient, {
                    one: "# recording, each counted as a patient of its own",
                    other: "# recordings, each counted as a patient of its own",
                  }),
              ],
              [t`Seen by the model`, seenFact(evaluation, result.n_seen)],
            ]}
          />
          {result.outputs.length > 0 && (
            <Table.ScrollContainer minWidth={560} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
              <Table className="numbers" aria-label={t`Events`}>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>
                      <Trans>Label</Trans>
                    </Table.Th>
                    <Table.Th ta="right">
                      <Trans>Patients with it</Trans>
                    </Table.Th>
                    <Table.Th ta="right">
                      <Trans>Recordings with it</Trans>
                    </Table.Th>
                    <Table.Th ta="right">
                      <Trans>Recordings without</Trans>
                    </Table.Th>
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
                            ({inTable(one.table_label)})
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
            <Note tone="info" title={t`Labels that the table does not know`}>
              <Trans>
                {unknown}: nothing is known of them in this dataset, so they are not evaluated. They do not count as
                absent.
              </Trans>
            </Note>
          )}
          {left_out.length > 0 && (
            <Note
              tone={seen ? "info" : "calm"}
              title={t`Left out: ${plural(nLeftOut, { one: "# recording", other: "# recordings" })}`}
            >
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

function inTable(label: string): string {
  return t`“${label}” in the table`;
}

function total(rows: readonly { n: number }[]): number {
  return rows.reduce((sum, { n }) => sum + n, 0);
}
