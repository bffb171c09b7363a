import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { accountQuery } from "@/api/account";
import { PageHead } from "@/components/Page";
import { useProjectId } from "@/components/useProjectId";
import { Members } from "./Members";
import { isAdminOf } from "./roles";

/** Who may do what in a project. */
export function PrivacyPage() {
  const projectId = useProjectId();
  const account = useQuery(accountQuery());
  const isAdmin = isAdminOf(account.data, projectId);
  return (
    <Stack gap="lg">
      <PageHead title="Access and privacy" />
      {account.data?.mode === "server" && <Members projectId={projectId} canChange={isAdmin} />}
    </Stack>
  );
}
