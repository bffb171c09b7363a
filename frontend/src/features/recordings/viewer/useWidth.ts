import { type RefObject, useLayoutEffect, useRef, useState } from "react";

const LEAST = 100; // px; nothing narrower is ever shown

/** Width of an element in CSS pixels, 0 before it is known. While it is hidden or being laid out the last one counts. */
export function useWidth<T extends HTMLElement>(): { ref: RefObject<T | null>; width: number } {
  const ref = useRef<T>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const take = (width: number) => width >= LEAST && setWidth(Math.floor(width));
    take(element.clientWidth);
    const observer = new ResizeObserver((entries) => take(entries[0]?.contentRect.width ?? 0));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { ref, width };
}
