import { Group, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Icon, type IconName } from "./icons";

export type Tone = "good" | "warn" | "bad" | "info" | "calm";

const ICONS: Record<Tone, IconName> = { good: "check", warn: "alert", bad: "alert", info: "info", calm: "info" };

type Props = { tone: Tone; title?: string; children?: ReactNode; action?: ReactNode; alert?: boolean };

/** A message with an icon, a heading and perhaps something to do. With `alert` it is read out when it appears. */
export function Note({ tone, title, children, action, alert = false }: Props) {
  return (
    <div className="note" data-tone={tone} role={alert ? (tone === "bad" ? "alert" : "status") : undefined}>
      <Group wrap="nowrap" align="flex-start" gap="sm">
        <div style={{ paddingTop: 2 }}>
          <Icon name={ICONS[tone]} />
        </div>
        <Stack gap={6} style={{ flex: 1, minWidth: 0 }}>
          {title && (
            <Text fw={650} size="sm">
              {title}
            </Text>
          )}
          {children && (
            <Text size="sm" component="div" style={{ overflowWrap: "anywhere" }}>
              {children}
            </Text>
          )}
          {action && <div>{action}</div>}
        </Stack>
      </Group>
    </div>
  );
}

/** What went wrong, in the platform's own words, beside the thing that failed. */
export function Problem({ error, title, action }: { error: unknown; title?: string; action?: ReactNode }) {
  if (!error) return null;
  return (
    <Note tone="bad" title={title} action={action} alert>
      {error instanceof Error ? error.message : String(error)}
    </Note>
  );
}

type NotesProps = {
  notes: readonly string[];
  tone?: Tone;
  title?: string;
  /** What stands around each. */
  around?: (note: ReactNode) => ReactNode;
};

/** A list of remarks of the platform, or nothing where there are none. */
export function Notes({ notes, tone = "warn", title, around = (note) => note }: NotesProps) {
  if (notes.length === 0) return null;
  return (
    <Note tone={tone} title={title}>
      {notes.length === 1 ? (
        around(notes[0])
      ) : (
        <ul style={{ margin: 0, paddingLeft: 18 }}>
          {notes.map((note) => (
            <li key={note}>{around(note)}</li>
          ))}
        </ul>
      )}
    </Note>
  );
}
