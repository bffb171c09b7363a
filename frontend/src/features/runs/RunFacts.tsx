import { t } from "@lingui/core/macro";
import { useQuery } from "@tanstack/react-query";
import { usableModelsQuery } from "@/api/models";
import { systemQuery } from "@/api/system";
import type { Run } from "@/api/types";
import { TextLink } from "@/components/ButtonLink";
import { Facts } from "@/components/Facts";
import { plain } from "@/lib/format";
import { projectPath } from "@/lib/paths";
import { bySourceText, crossValidationText } from "./folds";

function testedBy(how: Run["how_tested"]): string | null {
  if (!how) return null;
  const { method, folds, repeats, reason, folds_by } = how;
  const parts = folds_by === "patient" ? crossValidationText(folds, repeats) : bySourceText(folds_by, folds);
  const what = method === "holdout" ? t`One test part.` : `${parts}.`;
  return reason ? `${what} ${reason}` : what;
}

/** What is trained, from what, by which method. */
export function RunFacts({ projectId, run }: { projectId: string; run: Run }) {
  const system = useQuery(systemQuery());
  const models = useQuery(usableModelsQuery(projectId));
  const base = models.data?.find(({ id }) => id === run.base_model_id);
  const training = run.settings.training as { method?: unknown } | undefined;
  const method = String(training?.method ?? "scratch");
  const recorded = run.facts.base as { name?: unknown } | null | undefined;
  const known = base && <TextLink to={projectPath(projectId, "models", base.id)}>{base.name}</TextLink>;
  const name = plain(recorded?.name);
  const deleted = recorded && (models.data ? t`${name} (deleted)` : name);
  const architecture = system.data?.architectures.find(({ name }) => name === run.architecture)?.title;
  return (
    <Facts
      facts={[
        [t`Base model`, known ?? deleted],
        [t`Method`, system.data?.methods.find(({ name }) => name === method)?.title ?? plain(method)],
        [
          t`Architecture`,
          run.architecture === "external"
            ? t`unknown (an imported ONNX graph)`
            : (architecture ?? plain(run.architecture)),
        ],
        [t`Tested by`, testedBy(run.how_tested)],
        [t`Label table`, run.facts.dataset ? plain(run.facts.dataset) : null],
      ]}
    />
  );
}
