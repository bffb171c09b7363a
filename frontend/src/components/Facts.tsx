import { Text } from "@mantine/core";
import type { ReactNode } from "react";

/** Names and values, side by side. Values that are null, false or empty are left out. */
export function Facts({ facts }: { facts: readonly (readonly [name: string, value: ReactNode])[] }) {
  const shown = facts.filter(([, value]) => value !== null && value !== undefined && value !== false && value !== "");
  return (
    <dl
      style={{
        display: "grid",
        gridTemplateColumns: "fit-content(45%) 1fr", // a long name must not squeeze its value
        gap: "6px 16px",
        margin: 0,
        alignContent: "start",
      }}
    >
      {shown.map(([name, value]) => (
        <div key={name} style={{ display: "contents" }}>
          <Text component="dt" size="sm" c="dimmed">
            {name}
          </Text>
          <Text component="dd" size="sm" m={0} style={{ overflowWrap: "anywhere", minWidth: 0 }}>
            {value}
          </Text>
        </div>
      ))}
    </dl>
  );
}
