import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { modelsQuery } from "@/api/models";
import { systemQuery } from "@/api/system";
import { ButtonLink, TextLink } from "@/components/ButtonLink";
import { Icon } from "@/components/icons";
import { May, useMay } from "@/components/May";
import { Problem } from "@/components/Note";
import { Empty, Loading, PageHead } from "@/components/Page";
import { useProjectId } from "@/components/useProjectId";
import { ImportModel } from "./ImportModel";
import { ModelRow } from "./ModelRow";
import { ModelsElsewhere } from "./ModelsElsewhere";
import { Pretrainings } from "./Pretrainings";
import { PretrainModel } from "./PretrainModel";

export function ModelsPage() {
  const projectId = useProjectId();
  const models = useQuery(modelsQuery(projectId));
  const system = useQuery(systemQuery());
  const [wanted, setWanted] = useState<boolean | null>(null);
  const [pretraining, setPretraining] = useState(false);
  const importing = useMay()("import_model") && (wanted ?? models.data?.length === 0);
  return (
    <Stack gap="lg">
      <PageHead
        title={t`Models`}
        lead={t`Models trained here or imported, with their results on recordings they had not seen in training.`}
        actions={
          <Group gap="xs">
            <May operation="create_pretraining">
              <Button variant="default" aria-expanded={pretraining} onClick={() => setPretraining(!pretraining)}>
                <Trans>Pre-train CardX</Trans>
              </Button>
            </May>
            <May operation="import_model">
              <Button
                leftSection={<Icon name="upload" />}
                variant={importing ? "default" : "filled"}
                aria-expanded={importing}
                onClick={() => setWanted(!importing)}
              >
                <Trans>Import a model</Trans>
              </Button>
            </May>
          </Group>
        }
      />
      <Problem error={models.error ?? system.error} title={t`The models cannot be shown`} />
      {importing && system.data && (
        <ImportModel projectId={projectId} system={system.data} onTaken={() => setWanted(true)} />
      )}
      {pretraining && <PretrainModel projectId={projectId} onStarted={() => setPretraining(false)} />}
      <Pretrainings projectId={projectId} />
      {models.isPending && <Loading label={t`Loading models`} />}
      {models.data?.length === 0 && (
        <Empty
          title={t`No model yet`}
          action={
            <ButtonLink to="../runs">
              <Trans>Go to training</Trans>
            </ButtonLink>
          }
        >
          <Trans>
            A model appears here when a training is done, when you import one, or when you fetch one from the{" "}
            <TextLink to="/exchanges">Model ExChanGe</TextLink>.
          </Trans>
        </Empty>
      )}
      {models.data && models.data.length > 0 && (
        <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: "none" }} aria-label={t`Models`}>
          {models.data.map((model) => (
            <ModelRow key={model.id} model={model} />
          ))}
        </Stack>
      )}
      <ModelsElsewhere projectId={projectId} />
    </Stack>
  );
}
