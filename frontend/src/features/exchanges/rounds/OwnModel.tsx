import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Select, Stack, Text } from "@mantine/core";
import { useState } from "react";
import type { Operation } from "@/api/may";
import { modelsQuery } from "@/api/models";
import { projectsQuery } from "@/api/projects";
import type { Model, Round } from "@/api/types";
import { useFresh } from "@/api/useFresh";
import { useMay } from "@/components/May";

type Own = { projectId: string; choose: (id: string) => void; names: Choice[]; models: Model[]; error: unknown };
type Choice = { value: string; label: string };

/** The models of a project in which one may do `operation`, that were fine-tuned from the base of a round, the newest first. */
export function useOwnModels(round: Round, operation: Operation): Own {
  const may = useMay();
  const projects = useFresh(projectsQuery());
  const offered = (projects.data ?? []).filter(({ id }) => may(operation, id));
  const [chosen, choose] = useState<string | null>(null);
  const projectId = chosen ?? offered[0]?.id ?? "";
  const models = useFresh({ ...modelsQuery(projectId), enabled: projectId !== "" });
  const names = offered.map(({ id, name }) => ({ value: id, label: name }));
  const own = (models.data ?? []).filter(
    ({ origin, lineage }) => origin === "trained" && lineage[0]?.sha256 === round.base.model_sha256,
  );
  return { projectId, choose, names, models: own, error: projects.error ?? models.error };
}

type Props = { own: Own; round: Round; value: string | null; label: string; onChange: (id: string | null) => void };

/** Chooses a project and one of those models in it. */
export function OwnModel({ own, round, value, label, onChange }: Props) {
  const { name, version } = round.base;
  return (
    <Stack gap="sm">
      <Select
        label={t`Project`}
        data={own.names}
        value={own.projectId}
        allowDeselect={false}
        onChange={(id) => {
          if (id) own.choose(id);
          onChange(null);
        }}
      />
      {own.models.length > 0 ? (
        <Select
          label={label}
          data={own.models.map((one) => ({ value: one.id, label: one.name }))}
          value={value}
          allowDeselect={false}
          onChange={onChange}
        />
      ) : (
        <Text size="sm">
          <Trans>
            No model of this project was fine-tuned from {name}, version {version}.
          </Trans>
        </Text>
      )}
    </Stack>
  );
}
