/** Who may do what: the page asks by the operation of the API that a button leads to, and keeps no table of its own. */

import { NEEDS, ROLES_IN_ORDER } from "./needs";
import type { Account, Role } from "./types";

/** An operation of the API that not everybody who sees a project may call. */
export type Operation = keyof typeof NEEDS;

/** What somebody may do in a project, null where it is none of theirs; an admin of the installation is admin of each. */
export function roleIn(account: Account | undefined, projectId: string): Role | null {
  return account?.is_admin ? "admin" : (account?.roles[projectId] ?? null);
}

/** Whether somebody may call an operation; `projectId` matters for those of a project. */
export function may(operation: Operation, account: Account | undefined, projectId: string): boolean {
  const need = NEEDS[operation];
  if (need === "installation") return account?.is_admin ?? false;
  const role = roleIn(account, projectId);
  return role !== null && ROLES_IN_ORDER.indexOf(role) >= ROLES_IN_ORDER.indexOf(need);
}

/** Whether somebody may call an operation in any project at all. */
export function mayAnywhere(operation: Operation, account: Account | undefined): boolean {
  return account !== undefined && ["", ...Object.keys(account.roles)].some((id) => may(operation, account, id));
}
