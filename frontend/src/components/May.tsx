import { t } from "@lingui/core/macro";
import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { matchPath, Outlet, useLocation, useParams } from "react-router";
import { accountQuery } from "@/api/account";
import { may, mayAnywhere, type Operation } from "@/api/may";
import { Empty, PageHead } from "./Page";
import { whyNot } from "./roles";

/** Pages that are of no use to who may not call an operation: forms, and lists that only some may see. */
const PAGES: readonly (readonly [string, Operation])[] = [
  ["/users", "list_users"],
  ["/audit", "list_audit_entries"],
  ["/projects/:projectId/labels/:labelSetId/read", "save_reading"],
  ["/projects/:projectId/labels/:labelSetId/readers", "list_disagreements"],
  ["/projects/:projectId/runs/new", "create_run"],
  ["/projects/:projectId/comparisons/new", "create_comparison"],
  ["/projects/:projectId/models/:modelId/evaluate", "create_evaluation"],
  ["/projects/:projectId/models/:modelId/publish", "push_model"],
];

/** The operation that a page of this site is for, and its project; undefined where everybody who sees it may use it. */
export function neededAt(pathname: string): { operation: Operation; projectId?: string } | undefined {
  for (const [pattern, operation] of PAGES) {
    const found = matchPath(pattern, pathname);
    if (found) return { operation, projectId: found.params.projectId };
  }
  return undefined;
}

/** Says of an operation whether who has signed in may call it, in the project of the address if no other is named. */
export function useMay(): (operation: Operation, projectId?: string) => boolean {
  const account = useQuery(accountQuery()).data;
  const here = useParams().projectId ?? "";
  return (operation, projectId = here) => may(operation, account, projectId);
}

type Props = { operation: Operation /** Where it is not that of the address. */; projectId?: string };

/** Whether who has signed in may call an operation in any project at all. */
export function useMayAnywhere(operation: Operation): boolean {
  return mayAnywhere(operation, useQuery(accountQuery()).data);
}

/** Shows what leads to an operation to those who may call it. */
export function May({ operation, projectId, children }: Props & { children: ReactNode }) {
  return useMay()(operation, projectId) ? children : null;
}

/** Says what is not offered, unless it stands beside it, and why. */
export function WhyNot({ operation, projectId, children }: Props & { children?: ReactNode }) {
  const account = useQuery(accountQuery()).data;
  const here = useParams().projectId ?? "";
  return (
    <Text size="sm" c="dimmed">
      {children} {whyNot(operation, account, projectId ?? here)}
    </Text>
  );
}

/** The page of the address, or why it is not for who has signed in: below a project, or outside of one. */
export function OutletIfMay({ of }: { of: "project" | "installation" }) {
  const allowed = useMay();
  const account = useQuery(accountQuery()).data;
  const needed = neededAt(useLocation().pathname);
  if (!needed || account?.mode !== "server") return <Outlet />; // alone on a computer one may all
  const { operation, projectId } = needed;
  if ((projectId === undefined) !== (of === "installation") || allowed(operation, projectId)) return <Outlet />;
  const title = t`Not open to your role`;
  return (
    <>
      <PageHead title={title} />
      <Empty title={whyNot(operation, account, projectId ?? "")} />
    </>
  );
}
