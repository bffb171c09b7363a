import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Checkbox, Group, Paper, Select, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { projectsQuery } from "@/api/projects";
import { pullModel } from "@/api/transfers";
import type { ExchangeModel, Transfer } from "@/api/types";
import { useFresh } from "@/api/useFresh";
import { TextLink } from "@/components/ButtonLink";
import { Icon } from "@/components/icons";
import { May, useMay } from "@/components/May";
import { Note, Problem } from "@/components/Note";
import { Section } from "@/components/Page";
import { exchangePath, projectPath } from "@/lib/paths";
import { TransferProgress } from "./TransferProgress";
import { TrustDialog } from "./TrustDialog";

/** What is wanted of a model once it is here. */
type Then = "open" | "fine-tune" | "evaluate";

/** Where one goes on with a model that is in a project. */
export function placeFor(then: Then, projectId: string, modelId: string): string {
  if (then === "fine-tune") return `${projectPath(projectId, "runs", "new")}?base=${encodeURIComponent(modelId)}`;
  return then === "evaluate"
    ? projectPath(projectId, "models", modelId, "evaluate")
    : projectPath(projectId, "models", modelId);
}

/** Fetches a model into a project, and goes on with it as one wants; a key that is new is asked about first. */
export function FetchModel({ exchangeId, model }: { exchangeId: string; model: ExchangeModel }) {
  const navigate = useNavigate();
  const may = useMay();
  const projects = useFresh(projectsQuery());
  const isHere = model.here.length > 0;
  const offered = projects.data?.filter(({ id }) => isHere || may("pull_model", id));
  const [chosen, setChosen] = useState<string | null>(null);
  const [prediction, setPrediction] = useState(true);
  const [training, setTraining] = useState(true);
  const [asking, setAsking] = useState<Then | null>(null);
  const projectId = chosen ?? model.here[0]?.project_id ?? offered?.[0]?.id ?? "";
  const held = model.here.find((one) => one.project_id === projectId) ?? model.here[0];
  const pull = useMutation({
    mutationFn: async (then: Then) => {
      const transfer = await pullModel(projectId, {
        exchange_id: exchangeId,
        item: model.place,
        name: "",
        trust: model.signature === "trusted" ? "" : model.fingerprint,
        unverified: model.bare,
        for_prediction: prediction,
        for_training: training,
      });
      return { transfer, then };
    },
    onSettled: () => setAsking(null),
  });
  const begun = pull.data;
  const go = (then: Then) => {
    if (held) navigate(placeFor(then, projectId, held.model_id));
    else if (model.signature === "trusted") pull.mutate(then);
    else setAsking(then);
  };
  const ended = ({ model_id }: Transfer) => {
    if (model_id && begun) navigate(placeFor(begun.then, projectId, model_id));
  };
  if (model.signature === "refused") {
    return (
      <Note tone="bad" title={t`Its key was refused here`}>
        <Trans>
          Nothing signed with it is taken in. See the{" "}
          <TextLink to={`${exchangePath(exchangeId)}?tab=keys`}>keys of this exchange</TextLink>.
        </Trans>
      </Note>
    );
  }
  return (
    <Paper withBorder p="md">
      <Section title={t`Use this model`}>
        {projects.data?.length === 0 && (
          <Text size="sm">
            <Trans>
              A model belongs to a project. <TextLink to="/">Create one</TextLink> first.
            </Trans>
          </Text>
        )}
        {projects.data && projects.data.length > 0 && offered?.length === 0 && (
          <Text size="sm">
            <Trans>To fetch it you need the role “trainer” in a project. Ask an admin of the project.</Trans>
          </Text>
        )}
        {offered && offered.length > 0 && (
          <Stack gap="sm">
            <Select
              label={t`Project`}
              description={
                held
                  ? t`The model is here already; it can be used in every project.`
                  : t`It is fetched into this project, and can be used in every one.`
              }
              data={offered.map(({ id, name }) => ({ value: id, label: name }))}
              value={projectId}
              allowDeselect={false}
              disabled={begun !== undefined}
              onChange={setChosen}
              maw={420}
            />
            {!held && (
              <Group gap="lg">
                <Checkbox
                  label={t`Offer it for prediction`}
                  checked={prediction}
                  onChange={(event) => setPrediction(event.currentTarget.checked)}
                />
                <Checkbox
                  label={t`Offer it for training`}
                  checked={training}
                  onChange={(event) => setTraining(event.currentTarget.checked)}
                />
              </Group>
            )}
            {begun ? (
              <TransferProgress key={begun.transfer.id} transfer={begun.transfer} onEnd={ended} />
            ) : (
              <Group gap="sm">
                <Button
                  leftSection={held ? undefined : <Icon name="download" />}
                  loading={pull.isPending}
                  onClick={() => go("open")}
                >
                  {held ? t`Open the model` : t`Fetch the model`}
                </Button>
                <May operation="create_run" projectId={projectId}>
                  <Button variant="default" disabled={pull.isPending || !training} onClick={() => go("fine-tune")}>
                    <Trans>Fine-tune this</Trans>
                  </Button>
                </May>
                <May operation="create_evaluation" projectId={projectId}>
                  <Button variant="default" disabled={pull.isPending || !prediction} onClick={() => go("evaluate")}>
                    <Trans>Evaluate this on my data</Trans>
                  </Button>
                </May>
              </Group>
            )}
            <Problem error={pull.error ?? projects.error} title={t`The model could not be fetched`} />
          </Stack>
        )}
      </Section>
      <TrustDialog
        model={model}
        opened={asking !== null}
        pending={pull.isPending}
        onClose={() => setAsking(null)}
        onConfirm={() => asking && pull.mutate(asking)}
      />
    </Paper>
  );
}
