import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Empty, PageHead } from "@/components/Page";

/** What stands on the pages of accounts where nobody signs in. */
export function LocalMode({ title }: { title: string }) {
  return (
    <>
      <PageHead title={title} />
      <Empty title={t`Nobody signs in here`}>
        <Trans>
          This platform is in local mode: one person uses it, at this computer. Users, passwords and API keys are for
          server mode (EXCHANGEAI_MODE=server).
        </Trans>
      </Empty>
    </>
  );
}
