/** Who reads at this browser: the one place of the page where the reader's name comes from. */

import { useLocalStorage } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { accountQuery } from "@/api/account";

/** The name, how to change it, and whether it is that of the account, which is not changed here. */
export function useReader(): [name: string, change: (name: string) => void, isOfAccount: boolean] {
  const account = useQuery(accountQuery()).data;
  const [name, setName] = useLocalStorage({
    key: "exchangeai-reader",
    defaultValue: "",
    getInitialValueInEffect: false,
  });
  if (account?.mode === "server") return [account.name ?? "", () => undefined, true];
  return [name, (next) => setName(next.trim()), false];
}
