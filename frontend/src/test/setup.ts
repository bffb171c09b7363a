import { i18n } from "@lingui/core";
import { cleanup, configure } from "@testing-library/react";
import { afterEach, vi } from "vitest";
import { reportReachable } from "../api/connection";
import { keepCsrfToken } from "../api/csrf";

i18n.loadAndActivate({ locale: "en", messages: {} });

afterEach(cleanup);

// Files share their modules (vite.config.ts): what one met on its way must not wait for the next.
afterEach(reportReachable);
afterEach(() => keepCsrfToken(""));
afterEach(() => {
  vi.useRealTimers(); // also where a test failed that had stopped the clock
});

// Not the zone of the platform’s times: what takes UTC for local time is found out.
process.env.TZ = "Asia/Kolkata";

// A busy machine is slow, not wrong.
configure({ asyncUtilTimeout: 10_000 });

// What the component kit asks of a browser and the test environment does not have.
globalThis.matchMedia = ((query: string) => ({
  matches: false,
  media: query,
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
})) as unknown as typeof matchMedia;
globalThis.ResizeObserver = class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
Element.prototype.scrollIntoView = () => undefined;
