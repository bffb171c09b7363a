import { Group, Paper, Text } from "@mantine/core";
import { Link } from "react-router";
import type { Model } from "@/api/types";
import { Chip } from "@/components/Chip";
import { headlines } from "@/lib/evaluation";
import { dateTime } from "@/lib/format";
import { originOf } from "./words";

/** A model in the list: what it tells, where it comes from, what it is offered for, how good it is. */
export function ModelRow({ model }: { model: Model }) {
  const [base] = model.lineage;
  return (
    <Paper component="li" withBorder p="md">
      <Group justify="space-between" align="flex-start" gap="md">
        <div style={{ minWidth: 0, flex: "1 1 280px" }}>
          <Link className="row-link" to={encodeURIComponent(model.id)}>
            {model.name}
          </Link>
          <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            {model.labels.slice(0, 20).join(", ")}
            {model.labels.length > 20 && ` and ${model.labels.length - 20} more`}
          </Text>
          <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            {dateTime(model.created_at)}, {originOf(model)}
            {base && `, fine-tuned from “${base.name}”`}
          </Text>
          <Group gap={6} mt={6}>
            {model.for_prediction && <Chip tone="info">for prediction</Chip>}
            {model.for_training && <Chip tone="info">for training</Chip>}
            {!model.for_prediction && !model.for_training && <Chip tone="calm">not offered</Chip>}
          </Group>
        </div>
        <Group gap="lg">
          {headlines(model.evaluation).map(([title, text]) => (
            <div key={title}>
              <Text size="sm" c="dimmed">
                {title}
              </Text>
              <Text fw={600} className="numbers">
                {text}
              </Text>
            </div>
          ))}
        </Group>
      </Group>
    </Paper>
  );
}
