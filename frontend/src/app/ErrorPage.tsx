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
        {stale ? "A part of the page could not be loaded. The platform may have been updated or be down." : message}
      </Note>
      <Stack gap="sm" align="flex-start">
        <Button onClick={() => location.reload()}>Load the page again</Button>
        <ButtonLink to="/" variant="default">
          To the projects
        </ButtonLink>
      </Stack>
    </Stack>
  );
}

export function NotFoundPage() {
  return (
    <Stack>
      <PageHead title="Nothing is here" />
      <Empty title="This address leads nowhere" action={<ButtonLink to="/">To the projects</ButtonLink>}>
        Perhaps it was deleted, or the address was cut off.
      </Empty>
    </Stack>
  );
}
