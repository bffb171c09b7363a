import { useEffect, useRef } from "react";

export type Keys = Record<string, () => void>;

/**
 * Keys of labelling. They go before those of the viewer, so that a label may have any letter, and they are silent
 * while a person types or has a dialog open. A key that is held down counts once.
 */
export function useKeys(keys: Keys): void {
  const current = useRef(keys);
  useEffect(() => {
    current.current = keys;
  });
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTaken(event)) return;
      const action = current.current[keyOf(event)];
      if (!action) return;
      event.preventDefault();
      event.stopPropagation();
      if (!event.repeat) action();
    };
    addEventListener("keydown", press, { capture: true });
    return () => removeEventListener("keydown", press, { capture: true });
  }, []);
}

/** A digit by its place, since some keyboards write it with shift only; a letter small, whatever caps lock says. */
function keyOf({ key, code }: KeyboardEvent): string {
  if (key.length > 1) return key;
  return /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1] ?? key.toLowerCase();
}

function isTaken({ target, key }: KeyboardEvent): boolean {
  if (document.querySelector('[aria-modal="true"]')) return true;
  if (!(target instanceof Element)) return false;
  // A button or link that has the focus is pressed by Enter itself.
  // Not translated: names of elements
  if (key === "Enter" && target.closest("button, a[href], summary")) return true;
  if (target instanceof HTMLInputElement && target.readOnly) return key.startsWith("Arrow") || key === "Enter";
  // Not translated: names of elements
  return target.closest("input, textarea, select, [role=slider], [role=listbox], [contenteditable=true]") !== null;
}
