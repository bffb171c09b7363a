import { Stack } from "@mantine/core";
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
    <Stack gap="xs" role="region" aria-label="To be read with the figures">
      <Notes tone="info" title="A question to you" notes={questions.map(({ text }) => text)} />
      <Notes title="Read the figures with care" notes={cautions.map(({ text }) => text)} />
      <Notes tone="calm" title="Kept out of the test part" notes={left_out.map(leftOut)} />
      <Notes tone="calm" title="Not checked" notes={not_checked.map((text) => `Not checked: ${text}`)} />
    </Stack>
  );
}

function leftOut({ text, n, files }: LeftOut): string {
  const more = n > files.length ? ", …" : "";
  return files.length > 0 ? `${text} (${files.join(", ")}${more})` : text;
}
