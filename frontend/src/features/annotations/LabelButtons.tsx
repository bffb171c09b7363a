import { t } from "@lingui/core/macro";
import { Box, UnstyledButton } from "@mantine/core";
import type { LabelSet } from "@/api/types";
import { Icon } from "@/components/icons";
import classes from "./annotations.module.css";

type Props = {
  set: Pick<LabelSet, "labels">;
  chosen: readonly string[];
  disabled: boolean;
  onLabel: (name: string) => void;
};

/** The labels of a set as buttons that show their keys. */
export function LabelButtons({ set, chosen, disabled, onLabel }: Props) {
  return (
    <Box className={classes.labels} role="group" aria-label={t`Labels`}>
      {set.labels.map(({ name, key, code, system }) => (
        <UnstyledButton
          key={name}
          className={classes.label}
          aria-pressed={chosen.includes(name)}
          aria-keyshortcuts={key || undefined}
          disabled={disabled}
          title={code ? `${system} ${code}` : undefined}
          onClick={() => onLabel(name)}
        >
          {key && <Key name={key} />}
          <span>{name}</span>
          {chosen.includes(name) && <Icon name="check" size={16} />}
        </UnstyledButton>
      ))}
    </Box>
  );
}

/** A key of the keyboard. What it does is said beside it. */
export function Key({ name }: { name: string }) {
  return (
    <span className={classes.key} aria-hidden="true">
      {name}
    </span>
  );
}
