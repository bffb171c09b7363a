/** The few pictures the page needs, drawn on a 24-pixel grid. They are decoration: words always stand beside them. */

const PATHS = {
  alert: "M12 4 2.8 20h18.4L12 4zm0 6v4.5m0 3v.2",
  check: "M5 12.5 10 17.5 19.5 7",
  cross: "M6 6l12 12M18 6 6 18",
  info: "M12 11v6m0-9.5v.2M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
  help: "M9.5 9.5a2.6 2.6 0 1 1 3.6 2.4c-.8.4-1.1.9-1.1 1.8m0 3v.2M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
  plus: "M12 5v14M5 12h14",
  upload: "M12 16V4m-5 5 5-5 5 5M4 16v3a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-3",
  download: "M12 4v12m-5-5 5 5 5-5M4 16v3a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-3",
  trash: "M5 7h14M10 7V4h4v3m-7 0 1 13h8l1-13M10.5 11v5.5m3-5.5v5.5",
  left: "M15 5l-7 7 7 7",
  right: "M9 5l7 7-7 7",
  clock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm0 4v5l3.5 2",
  stop: "M7 7h10v10H7z",
  play: "M8 5.5v13l10.5-6.5L8 5.5z",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zm0-5v2m0 14v2M3 12h2m14 0h2M5.6 5.6 7 7m10 10 1.4 1.4M18.4 5.6 17 7M7 17l-1.4 1.4",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z",
  heart: "M3 13h4l2-4 2.5 8 3-12 2 8h4.5",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zm5.2 12.2L21 21",
  pencil: "M4 20l1-4L16 5l3 3L8 19l-4 1z",
  sortUp: "M12 19V5m-5 5 5-5 5 5",
  sortDown: "M12 5v14m-5-5 5 5 5-5",
  home: "M4 11.5 12 4.5l8 7M6.5 10v9.5h11V10M10.5 19.5v-5h3v5",
  bell: "M6 16.5V11a6 6 0 1 1 12 0v5.5l1.5 2h-15zM10 21h4",
  undo: "M9 14 4 9l5-5M4 9h9a6 6 0 1 1 0 12h-2",
  again: "M20 11a8 8 0 1 0-2.3 6.3M20 5v6h-6",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.8}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
      style={{ flexShrink: 0 }}
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
