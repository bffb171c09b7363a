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
      <PageHead title="This page could not be shown" />
      <Note tone="bad" alert>
        {stale
          ? "A part of the page could not be loaded. The platform may have been updated, or it may not be running."
          : message}
      </Note>
      <Stack gap="sm" align="flex-start">
        <Button onClick={() => location.reload()}>Reload the page</Button>
        <ButtonLink to="/" variant="default">
          Back to projects
        </ButtonLink>
      </Stack>
    </Stack>
  );
}

export function NotFoundPage() {
  return (
    <Stack>
      <PageHead title="Page not found" />
      <Empty title="There is no page at this address" action={<ButtonLink to="/">Back to projects</ButtonLink>}>
        It may have been deleted, or the address may be incomplete.
      </Empty>
    </Stack>
  );
}
