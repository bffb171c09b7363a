import { t } from "@lingui/core/macro";
import { Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { ButtonLink } from "./ButtonLink";
import { Problem } from "./Note";
import { PageHead } from "./Page";

/** Stands in place of a page whose main thing could not be had, with a way on: one level up, unless another is given. */
export function CannotShow({ title, error, action }: { title: string; error: unknown; action?: ReactNode }) {
  return (
    <Stack>
      <PageHead title={title} />
      <Problem error={error} action={action ?? <ButtonLink to="..">{t`Back`}</ButtonLink>} />
    </Stack>
  );
}
