import { t } from "@lingui/core/macro";
import { Plural, Trans } from "@lingui/react/macro";
import { Paper, Table, Text } from "@mantine/core";
import type { NearestRecordings } from "@/api/types";
import { TextLink } from "@/components/ButtonLink";
import { Section } from "@/components/Page";
import { fixed, percent } from "@/lib/format";
import { projectPath } from "@/lib/paths";

type Props = { projectId: string; nearest: NearestRecordings; label: string };

/** The training ECGs of the project that are most like this one. */
export function NearestEcgs({ projectId, nearest, label }: Props) {
  const nCompared = nearest.n_compared ?? 0;
  const share = percent(nearest.share_with_label ?? 0, 0);
  return (
    <Paper withBorder p="md">
      <Section title={t`Training ECGs that are most like this one`}>
        {nearest.recordings.length === 0 ? (
          <Text size="sm">{nearest.why_not || t`There is none left to show.`}</Text>
        ) : (
          <>
            <Table.ScrollContainer minWidth={380} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
              <Table className="numbers" aria-label={t`Nearest training ECGs`} maw={720}>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>
                      <Trans>Recording</Trans>
                    </Table.Th>
                    <Table.Th>
                      <Trans>Known labels</Trans>
                    </Table.Th>
                    <Table.Th ta="right">
                      <Trans>Similarity</Trans>
                    </Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {nearest.recordings.map((one) => (
                    <Table.Tr key={one.recording_id}>
                      <Table.Td className="name">
                        <TextLink to={projectPath(projectId, "recordings", one.recording_id)}>{one.file_name}</TextLink>
                      </Table.Td>
                      <Table.Td className="name">{one.known ? one.known.join(", ") || t`none` : t`not known`}</Table.Td>
                      <Table.Td ta="right">{fixed(one.similarity, 2)}</Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
            <Text size="sm" c="dimmed">
              <Trans>
                By the embedding of CardX, not by this model's own view; out of{" "}
                <Plural value={nCompared} one="# training ECG" other="# training ECGs" /> of this project.
              </Trans>
              {typeof nearest.share_with_label === "number" &&
                ` ${t`For comparison: ${share} of them have the label ${label}.`}`}
            </Text>
          </>
        )}
      </Section>
    </Paper>
  );
}
