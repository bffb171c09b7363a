import { Group, Paper, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { modelsQuery } from "@/api/models";
import type { Model } from "@/api/types";
import { ButtonLink } from "@/components/ButtonLink";
import { Problem } from "@/components/Note";
import { Empty, Loading, PageHead } from "@/components/Page";
import { useProjectId } from "@/components/useProjectId";
import { asEvaluation, written } from "@/lib/evaluation";
import { dateTime } from "@/lib/format";

export function ModelsPage() {
  const projectId = useProjectId();
  const models = useQuery(modelsQuery(projectId));
  return (
    <Stack gap="lg">
      <PageHead
        title="Models"
        lead="Networks that were trained here, with how good they are on recordings they had never seen."
      />
      <Problem error={models.error} title="The models cannot be shown" />
      {models.isPending && <Loading label="Loading models" />}
      {models.data?.length === 0 && (
        <Empty title="No model yet" action={<ButtonLink to="../runs">To training</ButtonLink>}>
          A model appears here when a training is done.
        </Empty>
      )}
      {models.data && models.data.length > 0 && (
        <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: "none" }} aria-label="Models">
          {models.data.map((model) => (
            <ModelRow key={model.id} model={model} />
          ))}
        </Stack>
      )}
    </Stack>
  );
}

function ModelRow({ model }: { model: Model }) {
  const evaluation = asEvaluation(model.evaluation);
  return (
    <Paper component="li" withBorder p="md">
      <Group justify="space-between" align="flex-start" gap="md">
        <div style={{ minWidth: 0, flex: "1 1 280px" }}>
          <Link className="row-link" to={encodeURIComponent(model.id)}>
            {model.name}
          </Link>
          <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            {model.labels.join(", ")}
          </Text>
          <Text size="sm" c="dimmed">
            {dateTime(model.created_at)}
          </Text>
        </div>
        {evaluation && (
          <Group gap="lg">
            <Score title="F1, mean over labels" text={written(evaluation.macro_f1, 2)} />
            <Score title="AUROC, mean over labels" text={written(evaluation.macro_auroc, 2)} />
          </Group>
        )}
      </Group>
    </Paper>
  );
}

function Score({ title, text }: { title: string; text: string }) {
  return (
    <div>
      <Text size="sm" c="dimmed">
        {title}
      </Text>
      <Text fw={600} className="numbers">
        {text}
      </Text>
    </div>
  );
}
