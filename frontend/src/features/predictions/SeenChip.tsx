import { t } from "@lingui/core/macro";
import type { PredictionRow } from "@/api/types";
import { Chip } from "@/components/Chip";

const WORDS = {
  training: { tone: "bad", text: t`seen in training` },
  validation: { tone: "bad", text: t`seen in validation` },
  test: { tone: "info", text: t`in its test part` },
  no: { tone: "good", text: t`not seen before` },
  // Not translated: a word of the API.
  "not known": { tone: "calm", text: t`not known whether seen` },
} as const;

/** Whether the model has seen a recording before, and with it whether a result tells anything of new patients. */
export function SeenChip({ seen, why }: { seen: PredictionRow["seen"]; why?: string }) {
  // Not translated: a word of the API.
  const { tone, text } = WORDS[seen ?? "not known"];
  return (
    <span title={why}>
      <Chip tone={tone}>{text}</Chip>
    </span>
  );
}
