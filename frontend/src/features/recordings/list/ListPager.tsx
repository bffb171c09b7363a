import { Button, Group, Text } from "@mantine/core";
import { ButtonLink } from "@/components/ButtonLink";
import { Icon } from "@/components/icons";
import type { ListPlace, Step } from "./useListPlace";

type Props = { place: ListPlace; onOpen: (step: Step) => void };

/** Where one is in the list, the ways to its neighbours, and back to the list itself. */
export function ListPager({ place, onOpen }: Props) {
  const { position, total, about, previous, next, words, back } = place;
  return (
    <Group gap="xs" role="group" aria-label="The list of recordings">
      <ButtonLink to={back} variant="subtle" size="sm">
        Back to the list
      </ButtonLink>
      <Neighbour step={previous} onOpen={onOpen} icon="left" label="Previous recording" />
      <Text size="sm" className="numbers" aria-live="polite" maw={320}>
        {position !== null && about && "about "}
        {position === null ? (total === null ? "…" : "not in this list") : `${position.toLocaleString("en")} of `}
        {position !== null && (total ?? "…").toLocaleString("en")} {words}
      </Text>
      <Neighbour step={next} onOpen={onOpen} icon="right" label="Next recording" />
    </Group>
  );
}

type NeighbourProps = {
  step: Step | null;
  onOpen: (step: Step) => void;
  icon: "left" | "right";
  label: string;
};

function Neighbour({ step, onOpen, icon, label }: NeighbourProps) {
  return (
    <Button variant="default" size="sm" aria-label={label} disabled={!step} onClick={() => step && onOpen(step)}>
      <Icon name={icon} />
    </Button>
  );
}
