import { useLocalStorage } from "@mantine/hooks";

const PLAUSIBLE = { least: 1.5, most: 16 }; // CSS px a mm: a television, and a phone held near

/** CSS px a real mm of this display, as it was measured on it; null where it has not been. Kept for each display. */
export function useDisplay(): [pxPerMm: number | null, keep: (pxPerMm: number | null) => void] {
  const density = window.devicePixelRatio || 1;
  const [stored, store] = useLocalStorage<number | null>({
    key: `exchangeai-display-${screen.width}x${screen.height}@${density}`,
    defaultValue: null,
    getInitialValueInEffect: false,
  });
  const known = typeof stored === "number" && stored >= PLAUSIBLE.least && stored <= PLAUSIBLE.most;
  return [known ? stored : null, store];
}
