import { Button, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { modelsQuery } from "@/api/models";
import { systemQuery } from "@/api/system";
import { ButtonLink } from "@/components/ButtonLink";
import { Icon } from "@/components/icons";
import { Problem } from "@/components/Note";
import { Empty, Loading, PageHead } from "@/components/Page";
import { useProjectId } from "@/components/useProjectId";
import { ImportModel } from "./ImportModel";
import { ModelRow } from "./ModelRow";

export function ModelsPage() {
  const projectId = useProjectId();
  const models = useQuery(modelsQuery(projectId));
  const system = useQuery(systemQuery());
  const [wanted, setWanted] = useState<boolean | null>(null);
  const importing = wanted ?? models.data?.length === 0;
  return (
    <Stack gap="lg">
      <PageHead
        title="Models"
        lead="Networks that were trained here or taken in from elsewhere, with how good they are on recordings they had never seen."
        actions={
          <Button
            leftSection={<Icon name="upload" />}
            variant={importing ? "default" : "filled"}
            aria-expanded={importing}
            onClick={() => setWanted(!importing)}
          >
            Import a model
          </Button>
        }
      />
      <Problem error={models.error ?? system.error} title="The models cannot be shown" />
      {importing && system.data && (
        <ImportModel projectId={projectId} system={system.data} onTaken={() => setWanted(true)} />
      )}
      {models.isPending && <Loading label="Loading models" />}
      {models.data?.length === 0 && (
        <Empty title="No model yet" action={<ButtonLink to="../runs">To training</ButtonLink>}>
          A model appears here when a training is done, or when you import one.
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
