import { useEffect, useRef } from "react";

export type Shortcuts = Record<string, () => void>;

/** Keys for the whole page, silent while a person types, moves a slider or has a dialog open. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const current = useRef(shortcuts);
  useEffect(() => {
    current.current = shortcuts;
  });
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.metaKey || event.defaultPrevented) return;
      // With AltGr, which counts as Ctrl and Alt on some systems, characters are written: [ and ] on a German keyboard.
      if ((event.ctrlKey || event.altKey) && !event.getModifierState("AltGraph")) return;
      if (isTaken(event)) return;
      const key = event.shiftKey && event.key.startsWith("Arrow") ? `Shift+${event.key}` : event.key;
      const action = current.current[key];
      if (!action) return;
      event.preventDefault();
      action();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
}

function isTaken({ target, key }: KeyboardEvent): boolean {
  if (document.querySelector('[aria-modal="true"]')) return true;
  if (!(target instanceof Element)) return false;
  // A list that was just used keeps the focus; of all keys it needs only the arrows.
  const isList = target instanceof HTMLSelectElement || (target instanceof HTMLInputElement && target.readOnly);
  if (isList) return key.startsWith("Arrow");
  // Not translated: a selector
  return target.closest("input, textarea, [role=slider], [role=listbox], [contenteditable=true]") !== null;
}
