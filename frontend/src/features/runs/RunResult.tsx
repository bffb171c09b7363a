import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { modelQuery } from "@/api/models";
import { ButtonLink } from "@/components/ButtonLink";
import { hasResults, ResultsInShort } from "@/components/evaluation/Results";
import { Note } from "@/components/Note";
import { projectPath } from "@/lib/paths";

/** What came of a training: the numbers that say most, and the way to the model. */
export function RunResult({ projectId, modelId }: { projectId: string; modelId: string }) {
  const model = useQuery(modelQuery(projectId, modelId));
  return (
    <Stack gap="sm">
      <Note
        tone="good"
        title="The model is ready"
        action={
          <ButtonLink size="sm" to={projectPath(projectId, "models", modelId)}>
            Open the model
          </ButtonLink>
        }
      >
        It was tested on recordings that were kept back. See how good it is, and where it fails.
      </Note>
      {hasResults(model.data?.evaluation) && <ResultsInShort value={model.data?.evaluation} />}
    </Stack>
  );
}
