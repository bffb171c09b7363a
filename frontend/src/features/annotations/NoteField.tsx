import { t } from "@lingui/core/macro";
import { Textarea } from "@mantine/core";
import { type RefObject, useEffect, useRef, useState } from "react";

type Props = {
  note: string;
  disabled: boolean;
  field: RefObject<HTMLTextAreaElement | null>;
  onNote: (note: string) => void;
};

const PAUSE_MS = 800;

/**
 * A note on one ECG, kept when one pauses, leaves the field, the ECG or the page. Each ECG has a field of its own (by
 * `key`), so that what is kept late goes to the ECG on which it was typed.
 */
export function NoteField({ note, disabled, field, onNote }: Props) {
  const [typed, setTyped] = useState<string | null>(null);
  const keep = useRef<() => void>(() => undefined);
  keep.current = () => {
    if (typed !== null && typed.trim() !== note) onNote(typed.trim());
    setTyped(null);
  };
  useEffect(() => () => keep.current(), []);
  useEffect(() => {
    if (typed === null || typed.trim() === note) return;
    const pause = setTimeout(() => onNote(typed.trim()), PAUSE_MS);
    return () => clearTimeout(pause);
  }, [typed, note, onNote]);
  return (
    <Textarea
      ref={field}
      label={t`Note`}
      description={t`Write no names of patients into it.`}
      rows={2}
      resize="vertical"
      maxLength={4000}
      disabled={disabled}
      value={typed ?? note}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={() => keep.current()}
      onKeyDown={(event) => {
        if (event.key === "Escape") event.currentTarget.blur();
      }}
    />
  );
}
