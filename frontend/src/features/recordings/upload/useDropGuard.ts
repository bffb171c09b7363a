import { useEffect } from "react";

/** A file dropped beside the drop zone must not replace the page, and with it whatever is under way. */
export function useDropGuard(): void {
  useEffect(() => {
    const keep = (event: DragEvent) => event.preventDefault();
    addEventListener("dragover", keep);
    addEventListener("drop", keep);
    return () => {
      removeEventListener("dragover", keep);
      removeEventListener("drop", keep);
    };
  }, []);
}
