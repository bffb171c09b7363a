import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
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
      <Note tone="bad" title={t`The platform is not responding`} alert>
        <Trans>
          The page may be out of date. It tries to reconnect every few seconds. If this does not help, start the
          platform with <code>exchangeai up</code>.
        </Trans>
      </Note>
    </Container>
  );
}
