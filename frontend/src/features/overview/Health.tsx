import { t } from "@lingui/core/macro";
import { Plural, Trans } from "@lingui/react/macro";
import { Group, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { Overview } from "@/api/types";
import { TextLink } from "@/components/ButtonLink";
import { Icon } from "@/components/icons";
import { Section } from "@/components/Page";

type Props = { overview: Overview; at: (path: string) => string };

/** Whether the project is well: what stands in its way, and what its results depend on. */
export function Health({ overview, at }: Props) {
  const { counts, health } = overview;
  const unlabelled = counts.n_recordings - counts.n_labelled;
  return (
    <Section title={t`Health`}>
      <Stack component="ul" gap={6} p={0} m={0} style={{ listStyle: "none" }}>
        <Line good={health.has_worker}>
          {health.has_worker
            ? t`A worker is ready for trainings and predictions.`
            : t`No worker is running: jobs wait.`}
        </Line>
        {health.n_failed > 0 && (
          <Line good={false}>
            <Plural
              value={{ n: health.n_failed }}
              one="# job of this project failed."
              other="# jobs of this project failed."
            />
          </Line>
        )}
        {counts.n_recordings > 0 && (
          <Line good={counts.n_with_findings === 0}>
            {counts.n_with_findings === 0 ? (
              <Trans>No recording has findings.</Trans>
            ) : (
              <TextLink to={at("recordings?findings_only=true")}>
                <Plural
                  value={{ n: counts.n_with_findings }}
                  one="# recording has findings"
                  other="# recordings have findings"
                />
              </TextLink>
            )}
          </Line>
        )}
        {counts.n_partial > 0 && (
          <Line good={false}>
            <Plural
              value={{ n: counts.n_partial }}
              one="# recording lacks leads and cannot be trained on."
              other="# recordings lack leads and cannot be trained on."
            />
          </Line>
        )}
        {counts.n_datasets > 0 && (
          <Line good={unlabelled === 0}>
            {unlabelled === 0 ? (
              <Trans>All recordings have labels.</Trans>
            ) : (
              <Plural
                value={{ n: unlabelled }}
                one="# recording has no label in the newest table."
                other="# recordings have no label in the newest table."
              />
            )}
          </Line>
        )}
        {counts.n_without_patient > 0 && (
          <Line good={false}>
            <Plural
              value={{ n: counts.n_without_patient }}
              one="# file names no patient: a column of patients in the label table keeps one patient's ECGs on one side of a test."
              other="# files name no patient: a column of patients in the label table keeps one patient's ECGs on one side of a test."
            />
          </Line>
        )}
      </Stack>
    </Section>
  );
}

function Line({ good, children }: { good: boolean; children: ReactNode }) {
  return (
    <Group component="li" wrap="nowrap" align="flex-start" gap="xs">
      <span style={{ color: `var(--tone-${good ? "good" : "warn"})`, paddingTop: 2, display: "flex" }}>
        <Icon name={good ? "check" : "alert"} size={16} />
      </span>
      <Text size="sm" component="div">
        {children}
      </Text>
    </Group>
  );
}
