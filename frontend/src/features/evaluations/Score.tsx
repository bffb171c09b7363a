import { t } from "@lingui/core/macro";
import { Plural, Trans } from "@lingui/react/macro";
import { Group, Paper, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Help } from "@/components/Help";
import { region } from "@/language/language";

type ScoreProps = {
  name: string;
  about: string;
  value: string;
  interval: string | null;
  withheld?: string | null | undefined;
  children: ReactNode;
};

/** A number that says much, large, with its interval and what it means. */
export function Score({ name, about, value, interval, withheld, children }: ScoreProps) {
  return (
    <Paper withBorder p="md">
      <Group gap={4} justify="space-between" wrap="nowrap">
        <Text size="sm" c="dimmed">
          {name}
        </Text>
        <Help about={about}>{children}</Help>
      </Group>
      <Text fz={30} fw={650} lh={1.2} className="numbers">
        {value}
      </Text>
      <Text size="sm" className="numbers">
        {interval === null ? (withheld ?? t`no interval`) : `(${interval})`}
      </Text>
    </Paper>
  );
}

type MeasuredProps = { of: { n: number; drawn_by: "patient" | "record"; resamples: number }; children?: ReactNode };

/** What the numbers rest on. */
export function MeasuredOn({ of: { n, drawn_by, resamples }, children }: MeasuredProps) {
  const drawn = drawnBy(drawn_by, resamples);
  return (
    <Text size="sm" c="dimmed" mt="xs">
      <Trans>
        Measured on <Plural value={n} one="# recording" other="# recordings" />. In brackets: 95 % confidence interval (
        {drawn}). A wide interval means that there are too few recordings to be certain.
      </Trans>{" "}
      {drawn_by === "patient"
        ? t`Numbers that rest on fewer than five patients are withheld.`
        : t`Numbers that rest on fewer than five recordings are withheld.`}
      {children}
    </Text>
  );
}

/** Version 0.1.0 drew resamples; today's formulas need none. */
function drawnBy(by: "patient" | "record", resamples: number): string {
  if (resamples <= 0) return by === "patient" ? t`drawn by patient` : t`drawn by recording`;
  const drawn = resamples.toLocaleString(region());
  return by === "patient"
    ? t`bootstrap over patients, ${drawn} resamples`
    : t`bootstrap over recordings, ${drawn} resamples`;
}
