import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Paper, Stack, Text } from "@mantine/core";
import { useState } from "react";
import type { Job, Round } from "@/api/types";
import { TextLink } from "@/components/ButtonLink";
import { Chip } from "@/components/Chip";
import { useMay, useMayAnywhere } from "@/components/May";
import { Note, Notes } from "@/components/Note";
import { dateTime } from "@/lib/format";
import { exchangePath } from "@/lib/paths";
import { ContributeRound } from "./ContributeRound";
import { JoinRound } from "./JoinRound";
import { MergeRound } from "./MergeRound";
import { RoundProgress } from "./RoundProgress";
import { SitesTable } from "./SitesTable";
import { UndoRound } from "./UndoRound";
import { nextStep, privacyText, STATES } from "./words";

type Props = { exchangeId: string; round: Round; writes: boolean };
type Asked = "join" | "contribute" | "merge" | "undo";

/** One round: what it asks for, who takes part, what has come of it, and what can be done next. */
export function RoundCard({ exchangeId, round, writes }: Props) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const [begun, setBegun] = useState<{ projectId: string; job: Job } | null>(null);
  const may = useMay();
  const [contributes, merges] = [useMayAnywhere("contribute_to_round"), useMayAnywhere("merge_round")];
  const state = STATES[round.state];
  const own = round.sites.find((site) => site.own);
  const sent = round.sites.filter((site) => site.has_contributed).length;
  const [model, version] = round.merged.split("/");
  const close = () => setAsked(null);
  const started = (projectId: string, job: Job) => {
    setBegun({ projectId, job });
    close();
  };
  const open = round.state === "open";
  return (
    <Paper component="li" withBorder p="md">
      <Stack gap="sm">
        <Group justify="space-between" gap="xs">
          <Text fw={650} style={{ overflowWrap: "anywhere" }}>
            {round.title}
          </Text>
          <Chip tone={state.tone} icon={state.icon}>
            {state.text}
          </Chip>
        </Group>
        <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {aboutText(round)}
        </Text>
        <Text size="sm">{privacyText(round)}</Text>
        {round.merged && (
          <Text size="sm">
            <Trans>
              It became{" "}
              <TextLink to={`${exchangePath(exchangeId)}/models/${round.merged}`}>
                {model}, version {version}
              </TextLink>
              .
            </Trans>
          </Text>
        )}
        {round.undone && (
          <Note tone="warn" title={t`This round was undone`}>
            {round.undone}
          </Note>
        )}
        <Notes notes={round.notes} title={t`Not everything counts`} />
        {round.sites.length > 0 && <SitesTable sites={round.sites} merged={round.merged !== ""} />}
        {begun && <RoundProgress key={begun.job.id} projectId={begun.projectId} job={begun.job} />}
        {writes && (
          <Stack gap={6}>
            <Text size="sm" c="dimmed">
              {nextStep(round)}
            </Text>
            <Group gap="xs">
              {open && !own?.joined && may("join_round") && (
                <Button onClick={() => setAsked("join")}>
                  <Trans>Take part</Trans>
                </Button>
              )}
              {open && own?.joined && contributes && (!own.has_contributed || may("take_back_contribution")) && (
                <Button
                  variant={own.has_contributed ? "default" : "filled"}
                  disabled={!round.base.held_by}
                  onClick={() => setAsked("contribute")}
                >
                  {own.has_contributed ? t`Change my contribution` : t`Contribute`}
                </Button>
              )}
              {round.own && (open || round.state === "closed") && merges && (
                <Button variant="default" disabled={sent === 0} onClick={() => setAsked("merge")}>
                  <Trans>Merge</Trans>
                </Button>
              )}
              {round.own && round.state !== "undone" && may("undo_round") && (
                <Button variant="default" onClick={() => setAsked("undo")}>
                  <Trans>Undo the round</Trans>
                </Button>
              )}
            </Group>
          </Stack>
        )}
      </Stack>
      {asked === "join" && <JoinRound exchangeId={exchangeId} round={round} onClose={close} />}
      {asked === "contribute" && (
        <ContributeRound exchangeId={exchangeId} round={round} onClose={close} onStarted={started} />
      )}
      {asked === "merge" && <MergeRound exchangeId={exchangeId} round={round} onClose={close} onStarted={started} />}
      {asked === "undo" && <UndoRound exchangeId={exchangeId} round={round} onClose={close} />}
    </Paper>
  );
}

/** Which round it is, whose, and how far. */
function aboutText(round: Round): string {
  const { number, slug, coordinator } = round;
  const sent = round.sites.filter((site) => site.has_contributed).length;
  return [
    t`Round ${number} of ${slug}, from version ${{ version: round.base.version }}`,
    round.own ? t`coordinated by ${coordinator} (you)` : t`coordinated by ${coordinator}`,
    plural(round.sites.length, { one: `${sent} of # site contributed`, other: `${sent} of # sites contributed` }),
    round.deadline && t`until ${{ when: dateTime(round.deadline) }}`,
  ]
    .filter(Boolean)
    .join(" · ");
}
