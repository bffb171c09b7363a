import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { renameModel } from "@/api/models";
import type { Model } from "@/api/types";
import { Icon } from "@/components/icons";
import { NameDialog } from "@/components/NameDialog";

export function RenameModel({ projectId, model }: { projectId: string; model: Model }) {
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const [name, setName] = useState(model.name);
  const rename = useMutation({
    mutationFn: () => renameModel(projectId, model.id, name.trim()),
    onSuccess: () => {
      setOpen(false);
      void queries.invalidateQueries({ queryKey: ["project", projectId] });
    },
  });
  const show = () => {
    rename.reset();
    setName(model.name);
    setOpen(true);
  };
  return (
    <>
      <Button variant="default" size="sm" leftSection={<Icon name="pencil" size={16} />} onClick={show}>
        Rename
      </Button>
      <NameDialog
        title="Rename the model"
        opened={open}
        onClose={() => setOpen(false)}
        name={name}
        onName={setName}
        action={rename}
        submit="Save"
      />
    </>
  );
}
