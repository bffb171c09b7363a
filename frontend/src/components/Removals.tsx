import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Paper, Text } from "@mantine/core";
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useSyncExternalStore } from "react";
import { type Removal, removals } from "@/api/removals";
import { without } from "@/api/removed";
import { Icon } from "./icons";

/** What was just deleted, each with “Undo” while there is time, and what could not be deleted, with the reason. */
export function Removals() {
  const queries = useQueryClient();
  const list = useSyncExternalStore(removals.subscribe, removals.list);
  const before = useRef<readonly Removal[]>([]);
  useEffect(() => {
    const settled = before.current.some(
      (one) => isHidden(one) && !list.some(({ id, ...now }) => id === one.id && isHidden(now)),
    );
    before.current = list;
    takeOut(queries);
    if (settled) void queries.invalidateQueries();
  }, [list, queries]);
  useEffect(() => {
    removals.resume();
    const leave = () => void removals.leave();
    const look = () => document.hidden && leave(); // on a phone often the last that a page hears
    addEventListener("pagehide", leave);
    document.addEventListener("visibilitychange", look);
    return () => {
      removeEventListener("pagehide", leave);
      document.removeEventListener("visibilitychange", look);
    };
  }, []);
  const shown = list.filter(({ state }) => state !== "asked");
  return (
    <section
      className="removals"
      aria-label={t`Deletions`}
      aria-live="polite"
      onPointerEnter={() => removals.hold(true)}
      onPointerLeave={() => removals.hold(false)}
      onFocus={() => removals.hold(true)}
      onBlur={() => removals.hold(false)}
    >
      {shown.map((one) => (
        <Paper key={one.id} withBorder shadow="md" px="md" py="xs">
          <Group justify="space-between" gap="xs">
            <Text size="sm" component="div" style={{ flex: "1 1 180px", minWidth: 0, overflowWrap: "anywhere" }}>
              {words(one)}
            </Text>
            {one.state === "waiting" ? (
              <Button size="xs" leftSection={<Icon name="undo" size={14} />} onClick={() => removals.undo(one.id)}>
                <Trans>Undo</Trans>
              </Button>
            ) : (
              <Group gap="xs">
                <Button size="xs" variant="default" onClick={() => removals.dismiss(one.id)}>
                  <Trans>Leave it</Trans>
                </Button>
                <Button size="xs" onClick={() => removals.again(one.id)}>
                  <Trans>Try again</Trans>
                </Button>
              </Group>
            )}
          </Group>
        </Paper>
      ))}
    </section>
  );
}

const isHidden = ({ state }: Pick<Removal, "state">) => state !== "kept";

function words({ state, name, why }: Removal): string {
  return state === "waiting" ? t`Deleted: ${name}` : t`Not deleted: ${name}. ${why}`;
}

/** Take what is being deleted out of all lists that are at hand; those that come do not have it (`api/removed`). */
function takeOut(queries: QueryClient): void {
  for (const query of queries.getQueryCache().getAll()) {
    const rest = without(query.state.data);
    if (rest !== query.state.data) query.setData(rest, { updatedAt: query.state.dataUpdatedAt, manual: true });
  }
}
