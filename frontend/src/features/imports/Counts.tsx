import type { Import } from "@/api/types";
import { Chip } from "@/components/Chip";
import { LOOKS } from "@/components/outcomes";
import { region } from "@/language/language";

const SHOWN = ["imported", "updated", "duplicate", "refused"] as const;

/** How many files of an import were imported, read anew, already there and refused; none is left out. */
export function Counts({ of }: { of: Import }) {
  return (
    <>
      {SHOWN.filter((status) => of[status] > 0).map((status) => (
        <Chip key={status} tone={LOOKS[status].tone} icon={LOOKS[status].icon}>
          {`${of[status].toLocaleString(region())} ${LOOKS[status].text.toLowerCase()}`}
        </Chip>
      ))}
      {of.with_findings > 0 && (
        <Chip tone="warn" icon="alert">
          {`${of.with_findings.toLocaleString(region())} with findings`}
        </Chip>
      )}
    </>
  );
}
