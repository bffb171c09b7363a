import { Group, Paper, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Help } from "@/components/Help";
import { count } from "@/lib/format";

type ScoreProps = { name: string; about: string; value: string; interval: string | null; children: ReactNode };

/** A number that says much, large, with its interval and what it means. */
export function Score({ name, about, value, interval, children }: ScoreProps) {
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
        {interval === null ? "no interval" : `(${interval})`}
      </Text>
    </Paper>
  );
}

type MeasuredProps = { of: { n: number; drawn_by: "patient" | "record"; resamples: number }; children?: ReactNode };

/** What the numbers rest on. */
export function MeasuredOn({ of: { n, drawn_by, resamples }, children }: MeasuredProps) {
  return (
    <Text size="sm" c="dimmed" mt="xs">
      Measured on {count(n, "recording")}. In brackets: the 95 % interval when{" "}
      {drawn_by === "patient" ? "other patients" : "other recordings"} had been drawn ({resamples.toLocaleString("en")}{" "}
      resamples). A wide interval means: too few to be sure.
      {children}
    </Text>
  );
}
