import { t } from "@lingui/core/macro";
import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { accountQuery } from "@/api/account";
import { useMay } from "@/components/May";
import { PageHead } from "@/components/Page";
import { useProjectId } from "@/components/useProjectId";
import { ErasePatient } from "./ErasePatient";
import { ExportProject } from "./ExportProject";
import { Members } from "./Members";
import { Retention } from "./Retention";

/** Who may do what in a project, how long it keeps recordings, the whole of it as a file, and how a patient is erased. */
export function PrivacyPage() {
  const projectId = useProjectId();
  const account = useQuery(accountQuery());
  const may = useMay();
  return (
    <Stack gap="lg">
      <PageHead title={account.data?.mode === "server" ? t`Access and privacy` : t`Privacy`} />
      {account.data?.mode === "server" && <Members projectId={projectId} canChange={may("set_member")} />}
      <Retention projectId={projectId} canChange={may("put_retention")} />
      {may("export_project") && <ExportProject projectId={projectId} />}
      {may("find_patient") && <ErasePatient projectId={projectId} />}
    </Stack>
  );
}
