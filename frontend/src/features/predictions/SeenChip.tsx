import type { PredictionRow } from "@/api/types";
import { Chip } from "@/components/Chip";

const WORDS = {
  training: { tone: "bad", text: "seen in training" },
  validation: { tone: "bad", text: "seen in validation" },
  test: { tone: "info", text: "in its test part" },
  no: { tone: "good", text: "not seen before" },
  "not known": { tone: "calm", text: "not known whether seen" },
} as const;

/** Whether the model has seen a recording before, and with it whether a result tells anything of new patients. */
export function SeenChip({ seen, why }: { seen: PredictionRow["seen"]; why?: string }) {
  const { tone, text } = WORDS[seen ?? "not known"];
  return (
    <span title={why}>
      <Chip tone={tone}>{text}</Chip>
    </span>
  );
}
