import { Container } from "@mantine/core";
import { useSyncExternalStore } from "react";
import { isDown, onConnectionChange } from "@/api/connection";
import { Note } from "@/components/Note";

/** Stands over every page while the platform does not answer, and goes by itself. */
export function OfflineBanner() {
  const down = useSyncExternalStore(onConnectionChange, isDown);
  if (!down) return null;
  return (
    <Container size={1440} pt="md" w="100%">
      <Note tone="bad" title="The platform does not answer" alert>
        What is shown may be out of date. The page asks again every few seconds and carries on by itself. If it stays
        like this, start the platform with <code>exchangeai up</code>.
      </Note>
    </Container>
  );
}
