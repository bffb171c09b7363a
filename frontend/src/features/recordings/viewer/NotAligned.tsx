import { plural } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import type { Measurements } from "@/api/types";
import { Note } from "@/components/Note";

/** Why no beats could be aligned. */
export function NotAligned({ measured }: { measured: Measurements }) {
  return (
    <Note tone="info">
      <Trans>The beats could not be aligned. {{ reason: measured.reasons.heart_rate ?? tooFew(measured) }}</Trans>
    </Note>
  );
}

/** Why nothing was aligned although there are beats. */
const tooFew = ({ n_beats: n }: Measurements) =>
  plural(n, { one: "More than # beat is needed.", other: "More than # beats is needed." });
