import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Text } from "@mantine/core";
import { type Offer, offerText } from "./declared";

/** The declarations with which a refused file could be read, as buttons. */
export function Offers({ offers, onChoose }: { offers: readonly Offer[]; onChoose: (offer: Offer) => void }) {
  if (offers.length === 0) return null;
  return (
    <Group gap="xs" mt="sm" role="group" aria-label={t`It could be read like this`}>
      <Text size="sm">
        <Trans>It could be read like this:</Trans>
      </Text>
      {offers.map((offer) => (
        <Button key={offerText(offer)} size="xs" variant="default" onClick={() => onChoose(offer)}>
          {offerText(offer)}
        </Button>
      ))}
    </Group>
  );
}
