import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Grid, Group, Paper, SimpleGrid, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { overviewQuery } from "@/api/overview";
import { projectQuery } from "@/api/projects";
import type { Overview } from "@/api/types";
import { ButtonLink, TextLink } from "@/components/ButtonLink";
import { CannotShow } from "@/components/CannotShow";
import { CountedAt } from "@/components/CountedAt";
import { useMay, WhyNot } from "@/components/May";
import { Loading, PageHead, Section } from "@/components/Page";
import { useProjectId } from "@/components/useProjectId";
import { dateTime } from "@/lib/format";
import { projectPath } from "@/lib/paths";
import { Figure } from "./Figure";
import { Health } from "./Health";
import { newestWords, stepWords, unfinishedWords } from "./words";

/** What is here, what to do next, and whether all is well. */
export function OverviewPage() {
  const projectId = useProjectId();
  const project = useQuery(projectQuery(projectId));
  const overview = useQuery(overviewQuery(projectId));
  const may = useMay();
  if (overview.isPending) return <Loading label={t`Loading overview`} />;
  if (overview.isError) return <CannotShow title={t`The overview cannot be shown`} error={overview.error} />;
  const at = (path: string) => `${projectPath(projectId)}/${path}`;
  const { counts, newest, unfinished } = overview.data;
  return (
    <Stack gap="lg">
      <PageHead title={project.data?.name ?? t`Overview`} lead={project.data?.description} />
      <Next overview={overview.data} at={at} />
      <SimpleGrid cols={{ base: 2, xs: 3, md: 6 }} component="ul" p={0} m={0} style={{ listStyle: "none" }}>
        <Figure n={counts.n_recordings} text={t`recordings`} to={at("recordings")} />
        <Figure n={counts.n_patients} text={t`patients`} />
        <Figure n={counts.n_labelled} text={t`with labels`} to={at("labels")} />
        <Figure n={counts.n_runs} text={t`trainings`} to={at("runs")} />
        <Figure n={counts.n_models} text={t`models`} to={at("models")} />
        <Figure n={counts.n_predictions} text={t`predictions`} to={at("predictions")} />
      </SimpleGrid>
      <CountedAt at={overview.data.counted_at} />
      <Grid gap="xl">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Section title={t`Unfinished`}>
            {unfinished.length === 0 && (
              <Text size="sm">
                <Trans>Nothing is waiting for you.</Trans>
              </Text>
            )}
            <Stack component="ul" gap={0} p={0} m={0} style={{ listStyle: "none" }}>
              {unfinished.map((one) => {
                const { text, button, to, takes } = unfinishedWords(one);
                return (
                  <Group key={`${one.kind} ${one.id}`} component="li" justify="space-between" gap="xs" className="line">
                    <Text size="sm" style={{ flex: "1 1 220px", overflowWrap: "anywhere" }}>
                      {text}
                    </Text>
                    {button && to && (!takes || may(takes)) && (
                      <ButtonLink to={at(to)} variant="default" size="xs">
                        {button}
                      </ButtonLink>
                    )}
                  </Group>
                );
              })}
            </Stack>
          </Section>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Stack gap="lg">
            <Health overview={overview.data} at={at} />
            {newest.length > 0 && (
              <Section title={t`Newest`}>
                <Stack component="ul" gap={0} p={0} m={0} style={{ listStyle: "none" }}>
                  {newest.map((one) => {
                    const { text, to } = newestWords(one);
                    return (
                      <Group
                        key={`${one.kind} ${one.id}`}
                        component="li"
                        justify="space-between"
                        gap={4}
                        className="line"
                      >
                        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
                          <TextLink to={at(to)}>{text}</TextLink>
                        </Text>
                        <Text size="sm" c="dimmed">
                          {dateTime(one.created_at)}
                        </Text>
                      </Group>
                    );
                  })}
                </Stack>
              </Section>
            )}
          </Stack>
        </Grid.Col>
      </Grid>
    </Stack>
  );
}

/** The one thing to do next, in a sentence, with its button. */
function Next({ overview, at }: { overview: Overview; at: (path: string) => string }) {
  const { text, button, to, takes } = stepWords(overview.next_step);
  const may = useMay();
  return (
    <Paper withBorder p="md" component="section" aria-label={t`Next step`}>
      <Group justify="space-between" gap="md">
        <div style={{ flex: "1 1 260px" }}>
          <Text size="sm" c="dimmed">
            <Trans>Next step</Trans>
          </Text>
          <Text fw={650} size="lg">
            {text}
          </Text>
        </div>
        {takes && !may(takes) ? (
          <WhyNot operation={takes} />
        ) : (
          button && to && <ButtonLink to={at(to)}>{button}</ButtonLink>
        )}
      </Group>
    </Paper>
  );
}
