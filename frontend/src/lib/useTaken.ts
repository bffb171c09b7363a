import { useEffect, useState } from "react";

/**
 * What the address says once: `read` from it, and `takeOut` of it when the component stands on the page. Reading alone
 * leaves the address as it is, as React may make a component several times before one of them is shown.
 */
export function useTaken<T>(read: () => T, takeOut: () => void): T {
  const [value] = useState(read);
  useEffect(() => {
    if (value) takeOut();
  }, [value, takeOut]);
  return value;
}
