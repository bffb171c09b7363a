import { Button, Group, Text } from "@mantine/core";
import { readingOf, readingText } from "@/lib/ecg/calipers";
import type { Calipers } from "./useCalipers";

type Props = {
  calipers: Calipers;
  hasScale: boolean;
  /** Puts a new one where it can be seen. */
  onAdd: () => void;
};

/** What can be done with the calipers, for those who do not draw them with a pointer. */
export function CaliperBar({ calipers, hasScale, onAdd }: Props) {
  const { all, selected } = calipers;
  return (
    <Group gap="xs" role="group" aria-label="Calipers on the tracing">
      <Button size="compact-sm" variant="default" onClick={onAdd}>
        Add caliper
      </Button>
      <Button
        size="compact-sm"
        variant={selected?.march ? "filled" : "default"}
        aria-pressed={selected?.march ?? false}
        disabled={!selected}
        onClick={() => selected && calipers.change({ ...selected, march: !selected.march })}
      >
        March out
      </Button>
      <Button
        size="compact-sm"
        variant="default"
        disabled={!selected}
        onClick={() => selected && calipers.remove(selected.id)}
      >
        Remove
      </Button>
      {all.length > 1 && (
        <Button size="compact-sm" variant="default" onClick={calipers.clear}>
          Remove all {all.length}
        </Button>
      )}
      <Text size="sm" className="numbers">
        {selected
          ? `${selected.lead}: ${readingText(readingOf(selected, hasScale))}`
          : "Drag across the tracing to measure."}
      </Text>
    </Group>
  );
}
