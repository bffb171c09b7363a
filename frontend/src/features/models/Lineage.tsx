import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { usableModelsQuery } from "@/api/models";
import type { Model } from "@/api/types";
import { TextLink } from "@/components/ButtonLink";
import { Notes } from "@/components/Note";
import { projectPath } from "@/lib/paths";
import { originOf } from "./traits";

/** Where a model comes from: trained or imported, and the models it was fine-tuned from, the nearest first. */
export function Lineage({ projectId, model }: { projectId: string; model: Model }) {
  const models = useQuery(usableModelsQuery(projectId));
  const here = (sha256: string, index: number) =>
    models.data?.find(
      (candidate) =>
        candidate.id !== model.id &&
        (candidate.sha256 === sha256 || (index === 0 && candidate.id === model.base_model_id)),
    );
  const origin = originOf(model);
  return (
    <Stack gap="sm">
      <Text size="sm" style={{ overflowWrap: "anywhere" }}>
        {origin.charAt(0).toUpperCase() + origin.slice(1)}
        {model.lineage.map(({ name, sha256 }, index) => {
          const ancestor = here(sha256, index);
          const link = ancestor ? (
            <TextLink to={projectPath(projectId, "models", ancestor.id)}>{ancestor.name}</TextLink>
          ) : (
            t`“${name}” (not on this platform)`
          );
          return (
            <span key={sha256}>
              {index === 0 ? (
                <Trans>, fine-tuned from {link}</Trans>
              ) : (
                <Trans>, which was fine-tuned from {link}</Trans>
              )}
            </span>
          );
        })}
        .
      </Text>
      <Notes notes={model.notes} tone="info" title={t`Notes`} />
    </Stack>
  );
}
