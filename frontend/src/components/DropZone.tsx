import { Stack, Text } from "@mantine/core";
import { type ReactNode, useState } from "react";

type Props = { title: string; onDrop: (dropped: DataTransfer) => void; children: ReactNode };

/** A place onto which files are dropped; for those without a mouse, the children hold a button that does the same. */
export function DropZone({ title, onDrop, children }: Props) {
  const [over, setOver] = useState(false);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping needs a mouse; the buttons inside do the same
    <div
      className="drop-zone"
      data-over={over}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        onDrop(event.dataTransfer);
      }}
    >
      <Stack gap="sm" align="center">
        <Text fw={600}>{title}</Text>
        {children}
      </Stack>
    </div>
  );
}
