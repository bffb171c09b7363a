import { t } from "@lingui/core/macro";
import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";
import { decimal } from "@/lib/format";

/** A calm teal. Shade 7 carries white text with a contrast of more than 6:1. */
const clinic: MantineColorsTuple = [
  "#e9f6f7",
  "#d6ebee",
  "#a9d8dd",
  "#79c3cb",
  "#54b2bc",
  "#3da0ab",
  "#1f7f8b",
  "#0c5f6b",
  "#094d57",
  "#063c44",
];

export const theme = createTheme({
  primaryColor: "clinic",
  primaryShade: 7,
  colors: { clinic },
  defaultRadius: "md",
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif",
  headings: { fontWeight: "650" },
  cursorType: "pointer",
  components: {
    Table: { defaultProps: { verticalSpacing: "xs" } },
    Modal: { defaultProps: { centered: true, closeButtonProps: { "aria-label": t`Close` } } },
    // The kit makes it a <header>, which would be a second banner of the page.
    ModalHeader: { defaultProps: { role: "none" } },
    PasswordInput: {
      defaultProps: { visibilityToggleButtonProps: { "aria-label": t`Toggle password visibility` } },
    },
    // A point is taken for the comma, so that nobody types 0.5 and gets 5.
    NumberInput: { defaultProps: { decimalSeparator: decimal("."), allowedDecimalSeparators: [".", ","] } },
    // Where something scrolls, one sees it, on touch screens too.
    ScrollArea: { defaultProps: { type: "auto" } },
    // A table that goes on beyond its edge is scrolled by keyboard too.
    TableScrollContainer: { defaultProps: { scrollAreaProps: { viewportProps: { tabIndex: 0 } } } },
    Tooltip: {
      defaultProps: { multiline: true, maw: 320, withArrow: true, events: { hover: true, focus: true, touch: true } },
    },
  },
});

/** Text colours of the kit that are too pale to read are made darker (light scheme) or lighter (dark scheme). */
export const readableColours: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-body": "#fbfcfc",
    "--mantine-color-dimmed": "#52606b",
    "--mantine-color-placeholder": "#66727c",
    "--mantine-color-error": "#b3261e",
    "--mantine-color-anchor": "#0c5f6b",
  },
  dark: {
    "--mantine-color-dimmed": "#b3bcc4",
    "--mantine-color-placeholder": "#9aa4ad",
    "--mantine-color-error": "#ff9d94",
    "--mantine-color-anchor": "#79c3cb",
  },
});
