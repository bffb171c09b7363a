import { Trans } from "@lingui/react/macro";
import { Text } from "@mantine/core";
import { dateTime } from "@/lib/format";

/** When the figures of a large project were counted; nothing beside figures of now. */
export function CountedAt({ at }: { at: string | null | undefined }) {
  if (!at) return null;
  const when = dateTime(at);
  return (
    <Text size="sm" c="dimmed">
      <Trans>Counted {when}; counted again from time to time.</Trans>
    </Text>
  );
}
