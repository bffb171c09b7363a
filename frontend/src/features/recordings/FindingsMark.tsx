import { plural, t } from "@lingui/core/macro";
import { Tooltip, UnstyledButton } from "@mantine/core";
import type { Finding } from "@/api/types";
import { Chip } from "@/components/Chip";

/** How many findings there are; their texts show on hover, focus and touch. */
export function FindingsMark({ findings }: { findings: readonly Finding[] }) {
  if (findings.length === 0) return null;
  const text = findings.map((finding) => finding.message).join(" ");
  return (
    <Tooltip label={text}>
      <UnstyledButton
        aria-label={t`${plural({ n: findings.length }, { one: "# finding", other: "# findings" })}: ${text}`}
        onClick={(event) => event.stopPropagation()}
      >
        <Chip tone="warn" icon="alert">
          {findings.length}
        </Chip>
      </UnstyledButton>
    </Tooltip>
  );
}
