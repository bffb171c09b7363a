/** How the outcome of a file looks, in the upload panel and in the report. */

import { t } from "@lingui/core/macro";
import type { Outcome } from "@/api/types";
import type { IconName } from "@/components/icons";
import type { Tone } from "@/components/Note";

export type FileStatus = Outcome["status"] | "failed";

export const LOOKS: Record<FileStatus, { tone: Tone; icon: IconName; text: string }> = {
  imported: { tone: "good", icon: "check", text: t`Imported` },
  updated: { tone: "info", icon: "check", text: t`Updated` },
  duplicate: { tone: "calm", icon: "info", text: t`Duplicate` },
  refused: { tone: "bad", icon: "alert", text: t`Refused` },
  failed: { tone: "bad", icon: "cross", text: t`Not uploaded` },
};

export type ShownOutcome = Omit<Outcome, "status"> & { status: FileStatus };

/** Messages name their file, which already stands above them. */
export function withoutName({ detail, file_name }: ShownOutcome): string {
  const prefix = `${file_name}: `;
  return detail.startsWith(prefix) ? detail.slice(prefix.length) : detail;
}
