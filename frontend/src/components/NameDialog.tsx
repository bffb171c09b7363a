import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import type { UseMutationResult } from "@tanstack/react-query";
import type { FormEvent, ReactNode } from "react";
import { Problem } from "@/components/Note";

type Props = {
  title: string;
  opened: boolean;
  onClose: () => void;
  name: string;
  onName: (name: string) => void;
  /** What the button does; its error is shown above it. */
  action: Pick<UseMutationResult<unknown, Error, void>, "mutate" | "error" | "isPending">;
  submit: string;
  /** More fields, below the name. */
  children?: ReactNode;
};

/** A dialog that asks for a name, and perhaps more, and does something with it. */
export function NameDialog({ title, opened, onClose, name, onName, action, submit, children }: Props) {
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    action.mutate();
  };
  return (
    <Modal opened={opened} onClose={onClose} title={title}>
      <form onSubmit={onSubmit}>
        <Stack>
          <TextInput
            label={t`Name`}
            required
            maxLength={200}
            value={name}
            onChange={(event) => onName(event.currentTarget.value)}
            data-autofocus
          />
          {children}
          <Problem error={action.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              <Trans>Cancel</Trans>
            </Button>
            <Button type="submit" loading={action.isPending} disabled={name.trim() === ""}>
              {submit}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
