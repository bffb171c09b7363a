import { t } from "@lingui/core/macro";
import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { usableModelsQuery } from "@/api/models";
import type { Model } from "@/api/types";
import { modelOptions } from "@/components/modelOptions";
import { projectPath } from "@/lib/paths";

/** Which model is evaluated: one of this project, or of any other one. */
export function ChooseModel({ projectId, model }: { projectId: string; model: Model }) {
  const navigate = useNavigate();
  const models = useQuery(usableModelsQuery(projectId, "prediction"));
  if (!models.data || models.data.length < 2) return null;
  return (
    <Select
      label={t`Model`}
      data={modelOptions(models.data, projectId)}
      value={model.id}
      allowDeselect={false}
      onChange={(id) => id && navigate(projectPath(projectId, "models", id, "evaluate"), { replace: true })}
      maw={520}
    />
  );
}
