import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { changeModel } from "@/api/models";
import type { Model } from "@/api/types";
import { Icon } from "@/components/icons";
import { NameDialog } from "@/components/NameDialog";

/** Name, licence and intended use of a model: what a person knows of it and no file can tell. */
export function EditModel({ projectId, model }: { projectId: string; model: Model }) {
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const [name, setName] = useState(model.name);
  const [licence, setLicence] = useState(model.licence);
  const [use, setUse] = useState(model.intended_use);
  const save = useMutation({
    mutationFn: () => changeModel(projectId, model.id, { name: name.trim(), licence, intended_use: use }),
    onSuccess: () => {
      setOpen(false);
      void queries.invalidateQueries({ queryKey: ["project", projectId] });
    },
  });
  const show = () => {
    save.reset();
    setName(model.name);
    setLicence(model.licence);
    setUse(model.intended_use);
    setOpen(true);
  };
  return (
    <>
      <Button variant="default" size="sm" leftSection={<Icon name="pencil" size={16} />} onClick={show}>
        <Trans>Edit</Trans>
      </Button>
      <NameDialog
        title={t`Edit model`}
        opened={open}
        onClose={() => setOpen(false)}
        name={name}
        onName={setName}
        action={save}
        submit={t`Save`}
      >
        <TextInput
          label={t`Licence`}
          description={t`The terms under which others may use the model, such as CC BY 4.0.`}
          maxLength={10_000}
          value={licence}
          onChange={(event) => setLicence(event.currentTarget.value)}
        />
        <Textarea
          label={t`Intended use`}
          description={t`The recordings and questions the model is meant for, and those it is not.`}
          rows={4}
          maxLength={10_000}
          value={use}
          onChange={(event) => setUse(event.currentTarget.value)}
        />
      </NameDialog>
    </>
  );
}
