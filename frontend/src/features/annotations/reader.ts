/** Who reads at this browser: the one place of the page where the reader's name comes from. */

import { useLocalStorage } from "@mantine/hooks";

export function useReader(): [string, (name: string) => void] {
  const [name, setName] = useLocalStorage({
    key: "exchangeai-reader",
    defaultValue: "",
    getInitialValueInEffect: false,
  });
  return [name, (next) => setName(next.trim())];
}
