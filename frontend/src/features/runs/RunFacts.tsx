import { useQuery } from "@tanstack/react-query";
import { modelsQuery } from "@/api/models";
import { systemQuery } from "@/api/system";
import type { Run } from "@/api/types";
import { TextLink } from "@/components/ButtonLink";
import { Facts } from "@/components/Facts";
import { plain } from "@/lib/format";
import { projectPath } from "@/lib/paths";
import { SETTINGS } from "./settings";

/** What is trained, from what, by which method. */
export function RunFacts({ projectId, run }: { projectId: string; run: Run }) {
  const system = useQuery(systemQuery());
  const models = useQuery(modelsQuery(projectId));
  const base = models.data?.find(({ id }) => id === run.base_model_id);
  const training = run.settings.training as { method?: unknown } | undefined;
  const method = String(training?.method ?? "scratch");
  const told = run.facts.base as { name?: unknown } | null | undefined;
  const known = base && <TextLink to={projectPath(projectId, "models", base.id)}>{base.name}</TextLink>;
  const gone = told && `${plain(told.name)}${models.data ? " (deleted since)" : ""}`;
  const network = system.data?.architectures.find(({ name }) => name === run.architecture)?.title;
  return (
    <Facts
      facts={[
        ["Base model", known ?? gone],
        ["Method", SETTINGS.method?.choices?.[method] ?? plain(method)],
        [
          "Architecture",
          run.architecture === "external" ? "a network known only by its graph" : (network ?? plain(run.architecture)),
        ],
        ["Label table", run.facts.dataset ? plain(run.facts.dataset) : null],
      ]}
    />
  );
}
