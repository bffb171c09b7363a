import { Trans } from "@lingui/react/macro";
import { ActionIcon, Button, type ButtonProps, Group, Modal, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { Operation } from "@/api/may";
import { Icon, type IconName } from "./icons";
import { useMay } from "./May";
import { Problem } from "./Note";

type Props = {
  /** The operation that it leads to, and that only those see who may call it; null: everybody who sees the page. */
  takes: Operation | null;
  /** Where it is not that of the address. */
  projectId?: string;
  /** What the button says, and with an icon alone what it is called. */
  label: string;
  question: string;
  children: ReactNode;
  confirm: string;
  onConfirm: () => Promise<unknown>;
  onDone?: () => void;
  iconOnly?: boolean;
  /** In place of the bin, for what deletes nothing. */
  icon?: IconName;
  disabled?: boolean;
} & Pick<ButtonProps, "size" | "variant">;

/** A button for what cannot be undone: it asks first, and shows beside the question why it did not work. */
export function ConfirmButton(props: Props) {
  const { takes, projectId, label, question, children, confirm, onConfirm, onDone, iconOnly, icon, ...button } = props;
  const [open, setOpen] = useState(false);
  const action = useMutation({
    mutationFn: onConfirm,
    onSuccess: () => {
      setOpen(false);
      onDone?.();
    },
  });
  const may = useMay();
  const show = () => {
    action.reset();
    setOpen(true);
  };
  if (takes && !may(takes, projectId)) return null;
  return (
    <>
      {iconOnly ? (
        <ActionIcon variant="subtle" color="gray" aria-label={label} onClick={show} disabled={button.disabled}>
          <Icon name="trash" />
        </ActionIcon>
      ) : (
        <Button variant="default" leftSection={<Icon name={icon ?? "trash"} size={16} />} {...button} onClick={show}>
          {label}
        </Button>
      )}
      <Modal opened={open} onClose={() => setOpen(false)} title={question}>
        <Stack>
          <Text component="div">{children}</Text>
          <Problem error={action.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setOpen(false)} data-autofocus>
              <Trans>Cancel</Trans>
            </Button>
            <Button color={icon ? undefined : "red.9"} loading={action.isPending} onClick={() => action.mutate()}>
              {confirm}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
