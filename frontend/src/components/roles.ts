import { t } from "@lingui/core/macro";
import { type Operation, roleIn } from "@/api/may";
import { NEEDS } from "@/api/needs";
import type { Account, Role } from "@/api/types";

/** What each role may do, in the words of docs/security.md. */
export const ROLES: { value: Role; label: string; help: string }[] = [
  { value: "viewer", label: t`Viewer`, help: t`looks, and asks models about single ECGs` },
  { value: "annotator", label: t`Annotator`, help: t`also brings ECGs and labels` },
  { value: "trainer", label: t`Trainer`, help: t`also trains, evaluates and predicts datasets` },
  { value: "admin", label: t`Admin`, help: t`also deletes and erases ECGs, publishes models, and manages members` },
];

export const ROLE_OPTIONS = ROLES.map(({ value, label, help }) => ({ value, label: `${label}: ${help}` }));

/** A role as a single word in a sentence or beside a name. */
export const roleName = (role: Role): string =>
  ({ viewer: t`viewer`, annotator: t`annotator`, trainer: t`trainer`, admin: t`admin` })[role];

export function toRole(text: string): Role {
  return ROLES.find(({ value }) => value === text)?.value ?? "viewer";
}

/** Why somebody may not call an operation, and whom to ask. */
export function whyNot(operation: Operation, account: Account | undefined, projectId: string): string {
  const need = NEEDS[operation];
  if (need === "installation") return t`It takes an admin of the installation to do this.`;
  const needed = roleName(need);
  const role = roleIn(account, projectId);
  if (role === null) return t`It takes the role “${needed}” in this project. Ask an admin of the project.`;
  const own = roleName(role);
  return t`It takes the role “${needed}” in this project; you are “${own}”. Ask an admin of the project.`;
}
