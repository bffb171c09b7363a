import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Paper, Text } from "@mantine/core";
import type { Publication } from "@/api/types";
import { Markdown } from "@/components/Markdown";
import { Note, Notes } from "@/components/Note";
import { Section } from "@/components/Page";

/** What was found in a model before it is published: what tells of single patients, and what its card lacks. */
export function PublishChecks({ publication }: { publication: Publication }) {
  const left = publication.findings.filter(({ mended }) => mended);
  const blocking = publication.findings.filter(({ mended }) => !mended);
  return (
    <Paper withBorder p="md">
      <Section title={t`2. Nothing but aggregates`}>
        <Text size="sm" c="dimmed" maw="75ch">
          <Trans>
            The package was looked through for identifiers, file names, and numbers of fewer than five patients.
          </Trans>
        </Text>
        {publication.findings.length === 0 && (
          <Note tone="good">
            <Trans>Nothing tells of single patients.</Trans>
          </Note>
        )}
        <Notes notes={lines(blocking)} tone="bad" title={t`This must go before it can be published`} />
        <Notes notes={lines(left)} tone="info" title={t`Left out of what is published`} />
        <Notes notes={publication.advice} title={t`Readers of the card will miss`} />
        <details>
          <summary>
            <Trans>The card that others read</Trans>
          </summary>
          <Markdown text={publication.card} topLevel={3} />
        </details>
      </Section>
    </Paper>
  );
}

/** Each finding once, however often it was made. */
function lines(findings: Publication["findings"]): string[] {
  return [...new Set(findings.map(({ place, reason }) => `${place}: ${reason}`))];
}
