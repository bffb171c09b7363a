import { t } from "@lingui/core/macro";
import { Box, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { type ReactNode, useEffect, useRef } from "react";
import { setPageTitle } from "@/lib/pageTitle";

let opened = false;

/**
 * Heading of a page. It takes the focus when one comes here from another page, so that a screen reader says where one
 * is; when the platform is opened, the focus stays at the very beginning, before the link that skips to the content.
 */
export function PageHead({ title, lead, actions }: { title: string; lead?: ReactNode; actions?: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    setPageTitle(title);
  }, [title]);
  useEffect(() => {
    const goTo = () => {
      // A dialog or a field that has asked for the focus keeps it.
      if (document.activeElement === document.body) heading.current?.focus({ preventScroll: true });
    };
    // With the next frame: at once, all of the page would be laid out for it, and again when its content comes.
    const frame = opened ? requestAnimationFrame(goTo) : null;
    opened = true;
    return () => {
      if (frame !== null) cancelAnimationFrame(frame);
    };
  }, []);
  return (
    <Group justify="space-between" align="flex-start" gap="md">
      <Box style={{ flex: "1 1 320px", minWidth: 0 }}>
        <Title order={1} size="h2" ref={heading} tabIndex={-1} style={{ outline: "none", overflowWrap: "anywhere" }}>
          {title}
        </Title>
        {lead && (
          <Text c="dimmed" mt={4} maw={760} component="div">
            {lead}
          </Text>
        )}
      </Box>
      {actions && <Group gap="sm">{actions}</Group>}
    </Group>
  );
}

/** Grey lines while something loads; says so to screen readers. */
export function Loading({ lines = 4, label = t`Loading` }: { lines?: number; label?: string }) {
  return (
    <Stack gap="sm" role="status" aria-label={label}>
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines are all alike and never move
        <Skeleton key={line} height={line === 0 ? 26 : 18} width={line === 0 ? "40%" : "100%"} />
      ))}
    </Stack>
  );
}

/** What stands where nothing is yet: why it is empty and what to do. */
export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <Stack align="center" gap="sm" py={40} px="md" ta="center">
      <Text fw={650} size="lg">
        {title}
      </Text>
      {children && (
        <Text c="dimmed" maw={560} component="div">
          {children}
        </Text>
      )}
      {action}
    </Stack>
  );
}

/** A titled part of a page. */
export function Section({ title, actions, children }: { title: string; actions?: ReactNode; children: ReactNode }) {
  return (
    <Stack component="section" gap="sm" aria-label={title}>
      <Group justify="space-between">
        <Title order={2} size="h4">
          {title}
        </Title>
        {actions}
      </Group>
      {children}
    </Stack>
  );
}
