import { t } from "@lingui/core/macro";
import { useQuery } from "@tanstack/react-query";
import { ownKeyQuery } from "@/api/exchanges";
import type { ExchangeModel } from "@/api/types";
import { Chip } from "@/components/Chip";
import { SIGNATURES } from "./words";

/** What is known of the key that a model is signed with; that of this platform is nobody's new key. */
export function SignatureChip({ model }: { model: Pick<ExchangeModel, "signature" | "fingerprint"> }) {
  const own = useQuery(ownKeyQuery());
  const isOwn = model.fingerprint !== "" && model.fingerprint === own.data?.fingerprint;
  const { tone, text } = isOwn && model.signature !== "refused" ? YOURS : SIGNATURES[model.signature];
  return <Chip tone={tone}>{text}</Chip>;
}

const YOURS = { tone: "good", text: t`your key` } as const;
