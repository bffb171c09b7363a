import { ActionIcon, Button, type ButtonProps } from "@mantine/core";
import type { ReactNode } from "react";
import { removals, type Thing } from "@/api/removals";
import { ConfirmButton } from "./ConfirmButton";
import { Icon } from "./icons";
import { useMay } from "./May";

/** What is asked before something is deleted that cannot be made again. */
type Ask = { question: string; confirm: string; children: ReactNode };

type Props = {
  thing: Thing;
  /** What the button says, and with an icon alone what it is called. */
  label: string;
  ask?: Ask;
  onDone?: () => void;
  iconOnly?: boolean;
} & Pick<ButtonProps, "size" | "variant">;

/** Deletes, for who may, something so that it can be brought back for some seconds; what cannot be made again is asked for first. */
export function RemoveButton({ thing, label, ask, onDone, iconOnly, ...button }: Props) {
  const takes = `delete_${thing.kind}` as const;
  const may = useMay();
  if (!may(takes, thing.projectId)) return null;
  const remove = () => {
    removals.remove(thing);
    onDone?.();
  };
  if (ask) {
    const { children, ...words } = ask;
    return (
      <ConfirmButton
        takes={takes}
        projectId={thing.projectId}
        label={label}
        iconOnly={iconOnly}
        onConfirm={async () => remove()}
        {...words}
        {...button}
      >
        {children}
      </ConfirmButton>
    );
  }
  return iconOnly ? (
    <ActionIcon variant="subtle" color="gray" aria-label={label} onClick={remove}>
      <Icon name="trash" />
    </ActionIcon>
  ) : (
    <Button variant="default" leftSection={<Icon name="trash" size={16} />} {...button} onClick={remove}>
      {label}
    </Button>
  );
}
