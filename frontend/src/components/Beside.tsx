import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Stack } from "@mantine/core";
import type { ReactNode } from "react";
import type { Caution, LeftOut, SpellingQuestion } from "@/api/types";
import { Notes } from "./Note";

type Said = {
  cautions?: readonly Caution[];
  left_out?: readonly LeftOut[];
  not_checked?: readonly string[];
  questions?: readonly SpellingQuestion[];
};

/** What is to be said beside a figure: how far it can be relied on, what was left out, what could not be checked. */
export function Beside({ said }: { said: Said }) {
  const { cautions = [], left_out = [], not_checked = [], questions = [] } = said;
  if (cautions.length + left_out.length + not_checked.length + questions.length === 0) return null;
  return (
    <Stack gap="xs" role="region" aria-label={t`To be read with the figures`}>
      <Notes tone="info" title={t`A question to you`} notes={questions.map(({ text }) => text)} />
      <Notes title={t`Read the figures with care`} notes={cautions.map(({ text }) => text)} />
      <Notes tone="calm" title={t`Kept out of the test part`} notes={left_out.map(leftOut)} />
      <Notes tone="calm" title={t`Not checked`} notes={not_checked} around={notChecked} />
    </Stack>
  );
}

const notChecked = (what: ReactNode) => <Trans>Not checked: {what}</Trans>;

function leftOut({ text, n, files }: LeftOut): string {
  const more = n > files.length ? ", …" : "";
  return files.length > 0 ? `${text} (${files.join(", ")}${more})` : text;
}
