import { useParams } from "react-router";

/** A part of the address that the route guarantees. */
export function useParam(name: string): string {
  const value = useParams()[name];
  if (value === undefined) throw new Error(`The address lacks ${name}.`);
  return value;
}

export const useProjectId = (): string => useParam("projectId");
