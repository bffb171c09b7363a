import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, MultiSelect, NumberInput, Select, Stack, Text } from "@mantine/core";
import { type FormEvent, useEffect, useRef } from "react";
import type { Region } from "@/api/types";
import { LEADS } from "@/lib/ecg/leads";
import { faultOf } from "./regions";

type Props = {
  region: Region;
  classes: readonly string[];
  durationMs: number;
  onChange: (region: Region) => void;
  onKeep: () => void;
  onCancel: () => void;
};

/** A region by numbers: what the pointer marks on the tracing stands here too, and can be typed instead. */
export function RegionForm({ region, classes, durationMs, onChange, onKeep, onCancel }: Props) {
  const first = useRef<HTMLInputElement>(null);
  // The tracing, on which the region can be drawn as well, stays where it is.
  useEffect(() => first.current?.focus({ preventScroll: true }), []);
  const fault = faultOf(region, durationMs);
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (fault === null) onKeep();
  };
  const time = (value: string | number) => (typeof value === "number" ? value : Number(value) || 0);
  return (
    <form onSubmit={onSubmit} aria-label={t`Mark a region`}>
      <Stack gap="xs">
        <Text size="sm" c="dimmed">
          <Trans>Draw it on a lead of the tracing, or type it.</Trans>
        </Text>
        <Select
          label={t`Class`}
          size="sm"
          data={[...classes]}
          value={region.label}
          allowDeselect={false}
          onChange={(label) => label && onChange({ ...region, label })}
        />
        <Group grow gap="xs" align="flex-start">
          <NumberInput
            label={t`From (ms)`}
            size="sm"
            min={0}
            value={region.from_ms}
            onChange={(value) => onChange({ ...region, from_ms: time(value) })}
            ref={first}
          />
          <NumberInput
            label={t`To (ms)`}
            size="sm"
            min={0}
            value={region.to_ms}
            onChange={(value) => onChange({ ...region, to_ms: time(value) })}
          />
        </Group>
        <MultiSelect
          label={t`Leads`}
          size="sm"
          searchable
          data={[...LEADS]}
          value={region.leads}
          onChange={(leads) => onChange({ ...region, leads: LEADS.filter((lead) => leads.includes(lead)) })}
        />
        {fault && (
          <Text size="sm" c="var(--tone-warn)">
            {fault}
          </Text>
        )}
        <Group gap="xs">
          <Button type="submit" size="sm" disabled={fault !== null}>
            <Trans>Keep region</Trans>
          </Button>
          <Button size="sm" variant="default" onClick={onCancel}>
            <Trans>Cancel</Trans>
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
