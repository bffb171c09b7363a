import { t } from "@lingui/core/macro";
import { ActionIcon } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { changeProject } from "@/api/projects";
import type { Project } from "@/api/types";
import { Icon } from "@/components/icons";
import { NameDialog } from "@/components/NameDialog";
import { Description } from "./Description";

/** A pencil that opens a dialog for name and description. */
export function EditProject({ project }: { project: Project }) {
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const [name, setName] = useState(project.name);
  const [description, setDescription] = useState(project.description);
  const change = useMutation({
    mutationFn: () => changeProject(project.id, { name: name.trim(), description }),
    onSuccess: () => {
      setOpen(false);
      void queries.invalidateQueries({ queryKey: ["projects"] });
      void queries.invalidateQueries({ queryKey: ["project", project.id] });
    },
  });
  const show = () => {
    change.reset();
    setName(project.name);
    setDescription(project.description);
    setOpen(true);
  };
  return (
    <>
      <ActionIcon variant="subtle" color="gray" aria-label={t`Edit project ${{ name: project.name }}`} onClick={show}>
        <Icon name="pencil" />
      </ActionIcon>
      <NameDialog
        title={t`Edit project`}
        opened={open}
        onClose={() => setOpen(false)}
        name={name}
        onName={setName}
        action={change}
        submit={t`Save`}
      >
        <Description value={description} onChange={setDescription} />
      </NameDialog>
    </>
  );
}
