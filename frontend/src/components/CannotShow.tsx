import { Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { Problem } from "./Note";
import { PageHead } from "./Page";

/** Stands in place of a page whose main thing could not be had. */
export function CannotShow({ title, error, action }: { title: string; error: unknown; action?: ReactNode }) {
  return (
    <Stack>
      <PageHead title={title} />
      <Problem error={error} action={action} />
    </Stack>
  );
}
