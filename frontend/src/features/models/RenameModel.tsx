import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { renameModel } from "@/api/models";
import type { Model } from "@/api/types";
import { Icon } from "@/components/icons";
import { Problem } from "@/components/Note";

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
  const submit = (event: FormEvent) => {
    event.preventDefault();
    rename.mutate();
  };
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
      <Modal opened={open} onClose={() => setOpen(false)} title="Rename the model">
        <form onSubmit={submit}>
          <Stack>
            <TextInput
              label="Name"
              required
              maxLength={200}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              data-autofocus
            />
            <Problem error={rename.error} />
            <Group justify="flex-end">
              <Button type="submit" loading={rename.isPending} disabled={name.trim() === ""}>
                Save
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
