import { t } from "@lingui/core/macro";
import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { accountQuery } from "@/api/account";
import { PageHead } from "@/components/Page";
import { mayAs } from "@/components/roles";
import { useProjectId } from "@/components/useProjectId";
import { ErasePatient } from "./ErasePatient";
import { ExportProject } from "./ExportProject";
import { Members } from "./Members";
import { Retention } from "./Retention";

/** Who may do what in a project, how long it keeps recordings, the whole of it as a file, and how a patient is erased. */
export function PrivacyPage() {
  const projectId = useProjectId();
  const account = useQuery(accountQuery());
  const isAdmin = mayAs("admin", account.data, projectId);
  return (
    <Stack gap="lg">
      <PageHead title={account.data?.mode === "server" ? t`Access and privacy` : t`Privacy`} />
      {account.data?.mode === "server" && <Members projectId={projectId} canChange={isAdmin} />}
      <Retention projectId={projectId} canChange={isAdmin} />
      {isAdmin && <ExportProject projectId={projectId} />}
      {isAdmin && <ErasePatient projectId={projectId} />}
    </Stack>
  );
}
