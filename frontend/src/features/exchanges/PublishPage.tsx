import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Select, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { exchangesQuery } from "@/api/exchanges";
import { modelQuery } from "@/api/models";
import { TextLink } from "@/components/ButtonLink";
import { CannotShow } from "@/components/CannotShow";
import { Note, Problem } from "@/components/Note";
import { Empty, Loading, PageHead } from "@/components/Page";
import { useParam, useProjectId } from "@/components/useProjectId";
import { projectPath } from "@/lib/paths";
import { PublishForm } from "./PublishForm";

/** Publishes a model of a project in an exchange: what it must say, what must not be in it, and as what it appears. */
export function PublishPage() {
  const projectId = useProjectId();
  const modelId = useParam("modelId");
  const model = useQuery(modelQuery(projectId, modelId));
  const exchanges = useQuery(exchangesQuery());
  const writable = exchanges.data?.filter(({ access }) => access === "read_write") ?? [];
  const [chosen, setChosen] = useState<string | null>(null);
  const exchange = writable.find(({ id }) => id === chosen) ?? writable[0];
  if (model.isPending) return <Loading lines={8} label={t`Loading model`} />;
  if (model.isError) return <CannotShow title={t`The model cannot be shown`} error={model.error} />;
  return (
    <Stack gap="lg" maw={860}>
      <PageHead
        title={t`Publish ${{ name: model.data.name }}`}
        lead={t`Others can then find, verify and use the model. Its weights and numbers are shared; no ECG, no identifier and no file name.`}
      />
      <Problem error={exchanges.error} title={t`The exchanges cannot be shown`} />
      {model.data.project_id !== projectId && (
        <Note tone="warn" title={t`This model belongs to another project`}>
          <TextLink to={projectPath(model.data.project_id, "models", modelId, "publish")}>
            <Trans>Publish it there</Trans>
          </TextLink>
          .
        </Note>
      )}
      {exchanges.data && writable.length === 0 && (
        <Empty title={t`No exchange to publish in yet`}>
          <Trans>
            <TextLink to="/exchanges">Add one</TextLink> with the access “Read and publish”, or change one.
          </Trans>
        </Empty>
      )}
      {exchange && model.data.project_id === projectId && (
        <>
          <Select
            label={t`Exchange`}
            data={writable.map(({ id, name }) => ({ value: id, label: name }))}
            value={exchange.id}
            allowDeselect={false}
            onChange={setChosen}
            maw={420}
          />
          <PublishForm key={exchange.id} projectId={projectId} model={model.data} exchange={exchange} />
        </>
      )}
    </Stack>
  );
}
