import { t } from "@lingui/core/macro";
import { Checkbox } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { ACCOUNT } from "@/api/account";
import { createProject } from "@/api/projects";
import { NameDialog } from "@/components/NameDialog";
import { projectPath } from "@/lib/paths";
import { Description } from "./Description";

/** The dialog that makes a project and opens it. */
export function CreateProject({ open, onClose }: { open: boolean; onClose: () => void }) {
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [keepOriginals, setKeepOriginals] = useState(true);
  const navigate = useNavigate();
  const queries = useQueryClient();
  const create = useMutation({
    mutationFn: () => createProject({ name: name.trim(), description, keep_originals: keepOriginals }),
    onSuccess: async (project) => {
      void queries.invalidateQueries({ queryKey: ["projects"] });
      await queries.invalidateQueries({ queryKey: ACCOUNT }); // who makes a project is its admin
      navigate(projectPath(project.id, "recordings"));
    },
  });
  return (
    <NameDialog
      title={t`New project`}
      opened={open}
      onClose={onClose}
      name={name}
      onName={setName}
      action={create}
      submit={t`Create project`}
    >
      <Description value={description} onChange={setDescription} />
      <Checkbox
        label={t`Keep the uploaded files`}
        description={t`Original files can then be downloaded again. The signals are stored in any case.`}
        checked={keepOriginals}
        onChange={(event) => setKeepOriginals(event.currentTarget.checked)}
      />
    </NameDialog>
  );
}
