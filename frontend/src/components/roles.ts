import { t } from "@lingui/core/macro";
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

/** Whether somebody may do in a project what takes `role`; an admin of the installation is admin of every one. */
export function mayAs(role: Role, account: Account | undefined, projectId: string): boolean {
  if (account === undefined) return false;
  const rank = (one: string | undefined) => ROLES.findIndex(({ value }) => value === one);
  return account.is_admin || rank(account.roles[projectId]) >= rank(role);
}
