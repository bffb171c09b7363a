import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Text } from "@mantine/core";
import { ButtonLink } from "@/components/ButtonLink";
import { Icon } from "@/components/icons";
import { region } from "@/language/language";
import type { ListPlace, Step } from "./useListPlace";

type Props = { place: ListPlace; onOpen: (step: Step) => void };

/** Where one is in the list, the ways to its neighbours, and back to the list itself. */
export function ListPager({ place, onOpen }: Props) {
  const { previous, next, back } = place;
  return (
    <Group gap="xs" role="group" aria-label={t`The list of recordings`}>
      <ButtonLink to={back} variant="subtle" size="sm">
        <Trans>Back to the list</Trans>
      </ButtonLink>
      <Group gap="xs" wrap="nowrap">
        <Neighbour step={previous} onOpen={onOpen} icon="left" label={t`Previous recording`} />
        <Text size="sm" className="numbers" aria-live="polite" maw={320}>
          {placeWords(place)}
        </Text>
        <Neighbour step={next} onOpen={onOpen} icon="right" label={t`Next recording`} />
      </Group>
    </Group>
  );
}

function placeWords({ position, total, about, words }: ListPlace): string {
  if (position === null && total === null) return words ? `… ${words}` : "…";
  if (position === null) return words ? t`not in this list ${words}` : t`not in this list`;
  const place = position.toLocaleString(region());
  const here = about ? t`about ${place}` : place;
  const all = (total ?? "…").toLocaleString(region());
  return words ? t`${here} of ${all} ${words}` : t`${here} of ${all}`;
}

type NeighbourProps = {
  step: Step | null;
  onOpen: (step: Step) => void;
  icon: "left" | "right";
  label: string;
};

function Neighbour({ step, onOpen, icon, label }: NeighbourProps) {
  return (
    <Button
      variant="default"
      size="sm"
      px="sm"
      style={{ flexShrink: 0 }}
      aria-label={label}
      disabled={!step}
      onClick={() => step && onOpen(step)}
    >
      <Icon name={icon} />
    </Button>
  );
}
