import { ActionIcon, Button, Group, Modal, Stack, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { changeProject } from "@/api/projects";
import type { Project } from "@/api/types";
import { Icon } from "@/components/icons";
import { Problem } from "@/components/Note";

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
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <>
      <ActionIcon variant="subtle" color="gray" aria-label={`Edit project ${project.name}`} onClick={show}>
        <Icon name="pencil" />
      </ActionIcon>
      <Modal opened={open} onClose={() => setOpen(false)} title="Edit project">
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
            <Textarea
              label="Description"
              autosize
              minRows={2}
              maxLength={10_000}
              value={description}
              onChange={(event) => setDescription(event.currentTarget.value)}
            />
            <Problem error={change.error} />
            <Group justify="flex-end">
              <Button type="submit" loading={change.isPending} disabled={name.trim() === ""}>
                Save
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
