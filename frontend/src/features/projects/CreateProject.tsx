import { Button, Checkbox, Group, Modal, Stack, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useNavigate } from "react-router";
import { createProject } from "@/api/projects";
import { Problem } from "@/components/Note";
import { projectPath } from "@/lib/paths";

/** The dialog that makes a project and opens it. */
export function CreateProject({ open, onClose }: { open: boolean; onClose: () => void }) {
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [keepOriginals, setKeepOriginals] = useState(true);
  const navigate = useNavigate();
  const queries = useQueryClient();
  const create = useMutation({
    mutationFn: () => createProject({ name: name.trim(), description, keep_originals: keepOriginals }),
    onSuccess: (project) => {
      void queries.invalidateQueries({ queryKey: ["projects"] });
      navigate(projectPath(project.id, "recordings"));
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <Modal opened={open} onClose={onClose} title="New project">
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
            description="What the recordings are and what you want to find out. You can leave this empty."
            autosize
            minRows={2}
            maxLength={10_000}
            value={description}
            onChange={(event) => setDescription(event.currentTarget.value)}
          />
          <Checkbox
            label="Keep the uploaded files"
            description="So that each original file can be downloaded again. The signals are kept in any case."
            checked={keepOriginals}
            onChange={(event) => setKeepOriginals(event.currentTarget.checked)}
          />
          <Problem error={create.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={create.isPending} disabled={name.trim() === ""}>
              Create project
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
