import { useQuery } from "@tanstack/react-query";
import { usableModelsQuery } from "@/api/models";
import { systemQuery } from "@/api/system";
import type { Run } from "@/api/types";
import { TextLink } from "@/components/ButtonLink";
import { Facts } from "@/components/Facts";
import { plain } from "@/lib/format";
import { projectPath } from "@/lib/paths";

function testedBy(how: Run["how_tested"]): string | null {
  if (!how) return null;
  const { method, folds, repeats, reason } = how;
  const times = repeats === 1 ? "" : ` × ${repeats} repeats`;
  const what = method === "holdout" ? "One test part." : `Cross-validation, ${folds} folds${times}.`;
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
  const deleted = recorded && `${plain(recorded.name)}${models.data ? " (deleted)" : ""}`;
  const architecture = system.data?.architectures.find(({ name }) => name === run.architecture)?.title;
  return (
    <Facts
      facts={[
        ["Base model", known ?? deleted],
        ["Method", system.data?.methods.find(({ name }) => name === method)?.title ?? plain(method)],
        [
          "Architecture",
          run.architecture === "external"
            ? "unknown (an imported ONNX graph)"
            : (architecture ?? plain(run.architecture)),
        ],
        ["Tested by", testedBy(run.how_tested)],
        ["Label table", run.facts.dataset ? plain(run.facts.dataset) : null],
      ]}
    />
  );
}
