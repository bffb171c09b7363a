import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import {
  ActionIcon,
  Box,
  Container,
  Group,
  Text,
  Tooltip,
  useComputedColorScheme,
  useMantineColorScheme,
} from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { Link, NavLink, ScrollRestoration, useLocation, useMatches, useNavigation } from "react-router";
import { accountQuery } from "@/api/account";
import { systemQuery } from "@/api/system";
import { Icon } from "@/components/icons";
import { OutletIfMay } from "@/components/May";
import { Loading } from "@/components/Page";
import { SignIn } from "@/features/accounts/SignIn";
import { TrayButton } from "@/features/jobs/tray/TrayButton";
import { pageTexts } from "@/language/language";
import { LanguageSwitch } from "./LanguageSwitch";
import { OfflineBanner } from "./OfflineBanner";
import type { Place } from "./places";

// Not before the page is there: nothing is deleted until then.
const Removals = lazy(async () => ({ default: (await import("@/components/Removals")).Removals }));

// Only where people sign in.
const AccountMenu = lazy(async () => {
  await pageTexts();
  return { default: (await import("@/features/accounts/AccountMenu")).AccountMenu };
});

/** Header, main part and footer around every page. */
export function Shell() {
  const account = useQuery(accountQuery());
  const isOutside = account.data?.signed_in === false;
  const system = useQuery({ ...systemQuery(), enabled: account.data?.signed_in === true });
  const version = system.data?.version ?? "";
  const busy = useNavigation().state !== "idle";
  const isWelcome = useLocation().pathname === "/welcome";
  const width = useMatches().some(({ handle }) => (handle as Place | undefined)?.wide) ? "100%" : 1440;
  return (
    <Box style={{ minHeight: "100dvh", display: "flex", flexDirection: "column" }}>
      <a href="#main" className="skip-link">
        <Trans>Skip to the content</Trans>
      </a>
      <Box component="header" style={{ borderBottom: "1px solid var(--mantine-color-default-border)" }}>
        <Container size={width} py={10}>
          <Group justify="space-between" gap="6px 12px">
            <Link to="/" className="plain" aria-label={t`ExChanGeAI, all projects`}>
              <Group gap={10} wrap="nowrap">
                <Box c="var(--mantine-color-anchor)" display="flex">
                  <Icon name="heart" size={26} />
                </Box>
                <Text fw={700} size="lg" component="span">
                  ExChanGeAI
                </Text>
              </Group>
            </Link>
            <Group gap="xs" wrap="nowrap" ml="auto">
              {!isOutside && (
                <nav aria-label={t`Platform`} className="platform">
                  <NavLink to="/exchanges" className="plain">
                    Model ExChanGe
                  </NavLink>
                </nav>
              )}
              {account.data?.signed_in && <TrayButton />}
              <Suspense>{account.data?.mode === "server" && <AccountMenu account={account.data} />}</Suspense>
              <LanguageSwitch />
              <SchemeSwitch />
            </Group>
          </Group>
        </Container>
      </Box>
      <OfflineBanner />
      <Box component="main" id="main" tabIndex={-1} style={{ flex: 1 }} aria-busy={busy}>
        <Container size={width} py="lg">
          {account.isPending ? <Loading /> : isOutside && !isWelcome ? <SignIn /> : <OutletIfMay of="installation" />}
        </Container>
      </Box>
      <Box component="footer" style={{ borderTop: "1px solid var(--mantine-color-default-border)" }}>
        <Container size={width} py="md">
          <Group justify="space-between" gap="xs">
            <Text size="sm" c="dimmed">
              <Trans>For research use only. Not a medical device; not for diagnosis or treatment.</Trans>
            </Text>
            <Text size="sm" c="dimmed">
              {version ? t`Version ${version}` : ""}
            </Text>
          </Group>
        </Container>
      </Box>
      <Suspense>{account.data?.signed_in && <Removals />}</Suspense>
      <ScrollRestoration />
    </Box>
  );
}

function SchemeSwitch() {
  const scheme = useComputedColorScheme("light");
  const { setColorScheme } = useMantineColorScheme();
  const next = scheme === "dark" ? "light" : "dark";
  const text = next === "dark" ? t`Use the dark colours` : t`Use the light colours`;
  return (
    <Tooltip label={text}>
      <ActionIcon
        variant="default"
        size="lg"
        style={{ flexShrink: 0 }}
        aria-label={text}
        onClick={() => setColorScheme(next)}
      >
        <Icon name={next === "dark" ? "moon" : "sun"} />
      </ActionIcon>
    </Tooltip>
  );
}
