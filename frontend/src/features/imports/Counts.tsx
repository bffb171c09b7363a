import { plural } from "@lingui/core/macro";
import type { Import } from "@/api/types";
import { Chip } from "@/components/Chip";
import { LOOKS } from "@/components/outcomes";

const SHOWN = ["imported", "updated", "duplicate", "refused"] as const;

const WORDS: Record<(typeof SHOWN)[number], (n: number) => string> = {
  imported: (n) => plural(n, { one: "# imported", other: "# imported" }),
  updated: (n) => plural(n, { one: "# updated", other: "# updated" }),
  duplicate: (n) => plural(n, { one: "# duplicate", other: "# duplicate" }),
  refused: (n) => plural(n, { one: "# refused", other: "# refused" }),
};

/** How many files of an import were imported, read anew, already there and refused; none is left out. */
export function Counts({ of }: { of: Import }) {
  return (
    <>
      {SHOWN.filter((status) => of[status] > 0).map((status) => (
        <Chip key={status} tone={LOOKS[status].tone} icon={LOOKS[status].icon}>
          {WORDS[status](of[status])}
        </Chip>
      ))}
      {of.with_findings > 0 && (
        <Chip tone="warn" icon="alert">
          {plural({ n: of.with_findings }, { one: "# with findings", other: "# with findings" })}
        </Chip>
      )}
    </>
  );
}
