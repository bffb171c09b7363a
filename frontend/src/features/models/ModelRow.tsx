import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Group, Paper, Text } from "@mantine/core";
import { Link } from "react-router";
import type { Model } from "@/api/types";
import { Chip } from "@/components/Chip";
import { headlines } from "@/features/evaluations/evaluation";
import { dateTime } from "@/lib/format";
import { originOf, outputOf } from "./traits";

/** A model in the list: what it tells, where it comes from, what it is offered for, how good it is. */
export function ModelRow({
  model,
  owner,
}: {
  model: Model /** Its project, if that is another one. */;
  owner?: string;
}) {
  const base = model.lineage[0]?.name;
  const whence = [
    ...(owner === undefined ? [] : [t`Project “${owner}”`]),
    dateTime(model.created_at),
    originOf(model),
    ...(base === undefined ? [] : [t`fine-tuned from “${base}”`]),
  ];
  return (
    <Paper component="li" withBorder p="md">
      <Group justify="space-between" align="flex-start" gap="md">
        <div style={{ minWidth: 0, flex: "1 1 280px" }}>
          <Link className="row-link" to={encodeURIComponent(model.id)}>
            {model.name}
          </Link>
          <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            {outputOf(model)}
          </Text>
          <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            {whence.join(", ")}
          </Text>
          <Group gap={6} mt={6}>
            {model.for_prediction && (
              <Chip tone="info">
                <Trans>for prediction</Trans>
              </Chip>
            )}
            {model.for_training && (
              <Chip tone="info">
                <Trans>for fine-tuning</Trans>
              </Chip>
            )}
            {!model.for_prediction && !model.for_training && (
              <Chip tone="calm">
                <Trans>not available</Trans>
              </Chip>
            )}
          </Group>
        </div>
        <Group gap="md" align="flex-start">
          {headlines(model.evaluation).map(([title, text]) => (
            <div key={title} className="headline">
              <Text size="sm" c="dimmed">
                {title}
              </Text>
              {/* A number, or in its place why there is none. */}
              <Text size={/\d/.test(text.charAt(0)) ? undefined : "sm"} className="numbers">
                {text}
              </Text>
            </div>
          ))}
        </Group>
      </Group>
    </Paper>
  );
}
