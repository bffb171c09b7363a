import { t } from "@lingui/core/macro";
import type { ReactNode } from "react";
import type { JobStatus } from "@/api/types";
import { Icon, type IconName } from "./icons";
import type { Tone } from "./Note";

/** A small word with a tone and, mostly, an icon; the word alone carries the meaning. */
export function Chip({ tone, icon, children }: { tone: Tone; icon?: IconName; children: ReactNode }) {
  return (
    <span className="chip" style={{ color: `var(--tone-${tone})`, background: `var(--tone-${tone}-soft)` }}>
      {icon && <Icon name={icon} size={14} />}
      {children}
    </span>
  );
}

const STATUSES: Record<JobStatus, { tone: Tone; icon: IconName; text: string }> = {
  queued: { tone: "calm", icon: "clock", text: t`Waiting` },
  running: { tone: "info", icon: "play", text: t`Running` },
  done: { tone: "good", icon: "check", text: t`Done` },
  failed: { tone: "bad", icon: "alert", text: t`Failed` },
  cancelled: { tone: "warn", icon: "stop", text: t`Cancelled` },
};

export function StatusChip({ status }: { status: JobStatus }) {
  const { tone, icon, text } = STATUSES[status];
  return (
    <Chip tone={tone} icon={icon}>
      {text}
    </Chip>
  );
}
