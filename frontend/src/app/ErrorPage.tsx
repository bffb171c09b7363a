import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Stack } from "@mantine/core";
import { isRouteErrorResponse, useRouteError } from "react-router";
import { ButtonLink } from "@/components/ButtonLink";
import { Note } from "@/components/Note";
import { Empty, PageHead } from "@/components/Page";

/** The last net: whatever no part of the page has dealt with. */
export function ErrorPage() {
  const error = useRouteError();
  const stale = error instanceof TypeError && /import|module|fetch/i.test(error.message);
  const message = isRouteErrorResponse(error)
    ? error.statusText
    : error instanceof Error
      ? error.message
      : String(error);
  return (
    <Stack py="xl" maw={640} mx="auto">
      <PageHead title={t`This page could not be shown`} />
      <Note tone="bad" alert>
        {stale
          ? t`A part of the page could not be loaded. The platform may have been updated, or it may not be running.`
          : message}
      </Note>
      <Stack gap="sm" align="flex-start">
        <Button onClick={() => location.reload()}>{t`Reload the page`}</Button>
        <ButtonLink to="/" variant="default">
          <Trans>Back to projects</Trans>
        </ButtonLink>
      </Stack>
    </Stack>
  );
}

export function NotFoundPage() {
  return (
    <Stack>
      <PageHead title={t`Page not found`} />
      <Empty title={t`There is no page at this address`} action={<ButtonLink to="/">{t`Back to projects`}</ButtonLink>}>
        <Trans>It may have been deleted, or the address may be incomplete.</Trans>
      </Empty>
    </Stack>
  );
}
