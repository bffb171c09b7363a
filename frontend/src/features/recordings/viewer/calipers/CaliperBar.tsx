import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
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
    <Group gap="xs" role="group" aria-label={t`Calipers on the tracing`}>
      <Button size="compact-sm" variant="default" onClick={onAdd}>
        <Trans>Add caliper</Trans>
      </Button>
      <Button
        size="compact-sm"
        variant={selected?.march ? "filled" : "default"}
        aria-pressed={selected?.march ?? false}
        disabled={!selected}
        onClick={() => selected && calipers.change({ ...selected, march: !selected.march })}
      >
        <Trans>March out</Trans>
      </Button>
      <Button
        size="compact-sm"
        variant="default"
        disabled={!selected}
        onClick={() => selected && calipers.remove(selected.id)}
      >
        <Trans>Remove</Trans>
      </Button>
      {all.length > 1 && (
        <Button size="compact-sm" variant="default" onClick={calipers.clear}>
          <Trans>Remove all {{ n: all.length }}</Trans>
        </Button>
      )}
      <Text size="sm" className="numbers">
        {selected
          ? `${selected.lead}: ${readingText(readingOf(selected, hasScale))}`
          : t`Drag across the tracing to measure.`}
      </Text>
    </Group>
  );
}
