import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Paper, Switch, Table, Text } from "@mantine/core";
import { useMemo, useState } from "react";
import { OutcomeTable } from "@/components/OutcomeTable";
import { Section } from "@/components/Page";
import { Pager } from "@/components/Pager";
import type { Offer } from "./declared";
import { Offers } from "./Offers";
import type { FileOutcome } from "./uploader";

const SIZE = 50;

export function isProblem(outcome: FileOutcome): boolean {
  return outcome.status === "refused" || outcome.status === "failed" || (outcome.findings ?? []).length > 0;
}

type Props = {
  projectId: string;
  outcomes: readonly FileOutcome[];
  /** Declarations with which refused files could be read. */
  offers?: readonly Offer[];
  onReadAs?: (offer: Offer) => void;
};

/** What became of each file, fifty at a time: five thousand of them do not slow the page down. */
export function OutcomeList({ projectId, outcomes, offers = [], onReadAs = () => {} }: Props) {
  const [onlyProblems, setOnlyProblems] = useState(false);
  const [wanted, setPage] = useState(1);
  const shown = useMemo(() => (onlyProblems ? outcomes.filter(isProblem) : outcomes), [outcomes, onlyProblems]);
  const page = Math.min(wanted, Math.max(1, Math.ceil(shown.length / SIZE)));
  return (
    <Paper withBorder p="md">
      <Section
        title={t`Outcome of each file`}
        actions={
          <Switch
            label={t`Show only problems`}
            checked={onlyProblems}
            onChange={(event) => setOnlyProblems(event.currentTarget.checked)}
          />
        }
      >
        {offers.length > 0 && (
          <div>
            <Text size="sm">
              <Trans>Some of the refused files can be read if you declare more; they are then sent again.</Trans>
            </Text>
            <Offers offers={offers} onChoose={onReadAs} />
          </div>
        )}
        {shown.length === 0 ? (
          <Text size="sm">{onlyProblems ? t`No problems: every file was imported.` : t`Nothing yet.`}</Text>
        ) : (
          <Table.ScrollContainer minWidth={300} maxHeight={420} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
            <OutcomeTable
              projectId={projectId}
              label={t`Outcomes of the upload`}
              outcomes={shown.slice((page - 1) * SIZE, page * SIZE)}
            />
          </Table.ScrollContainer>
        )}
        <Pager page={page} size={SIZE} total={shown.length} onChange={setPage} noun={t`outcomes`} />
      </Section>
    </Paper>
  );
}
