import { Group, Paper, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Help } from "@/components/Help";
import { region } from "@/language/language";
import { count } from "@/lib/format";

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
        {interval === null ? (withheld ?? "no interval") : `(${interval})`}
      </Text>
    </Paper>
  );
}

type MeasuredProps = { of: { n: number; drawn_by: "patient" | "record"; resamples: number }; children?: ReactNode };

/** What the numbers rest on. */
export function MeasuredOn({ of: { n, drawn_by, resamples }, children }: MeasuredProps) {
  return (
    <Text size="sm" c="dimmed" mt="xs">
      Measured on {count(n, "recording")}. In brackets: 95 % confidence interval ({drawnBy(drawn_by, resamples)}). A
      wide interval means that there are too few recordings to be certain. Numbers that rest on fewer than five{" "}
      {drawn_by === "patient" ? "patients" : "recordings"} are withheld.
      {children}
    </Text>
  );
}

/** Version 0.1.0 drew resamples; today's formulas need none. */
function drawnBy(by: "patient" | "record", resamples: number): string {
  const noun = by === "patient" ? "patients" : "recordings";
  return resamples > 0
    ? `bootstrap over ${noun}, ${resamples.toLocaleString(region())} resamples`
    : `drawn by ${by === "patient" ? "patient" : "recording"}`;
}
