import { i18n } from "@lingui/core";
import { screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Agreement, Reading } from "@/api/types";
import { messages } from "@/locales/de/labels.po";
import { show } from "@/test/render";
import { AgreementTables } from "./AgreementTable";
import { Said } from "./OthersSaid";
import { faultOf, regionText } from "./regions";

beforeEach(() => i18n.loadAndActivate({ locale: "de", messages }));
afterEach(() => i18n.loadAndActivate({ locale: "en", messages: {} }));

const kappa = { value: 0.6, low: -0.052, high: 0.91, n: 12, resamples: 0, withheld: null };

test("agreement of readers has decimals with a comma and whole sentences", () => {
  const agreement = {
    independent: true,
    n_sighted: 1,
    pairs: [{ first: "Dr. Meier", second: "Dr. Şahin", n: 12, n_agreed: 8, kappa, labels: [] }],
  } as unknown as Agreement;
  show(<AgreementTables agreement={agreement} />);
  expect(screen.getByText("Dr. Meier und Dr. Şahin: 8 von 12 EKGs gleich")).toBeTruthy();
  expect(screen.getByText("0,60 (−0,05 bis 0,91)")).toBeTruthy();
  expect(screen.getByText(/^1 Befund wurde geändert, nachdem/)).toBeTruthy();
});

test("what a reader said stands with who said it, and the labels as they are named", () => {
  const said = { reader: "Eva", labels: [], note: "V2 unruhig", created_at: "2026-01-02T03:04:05Z", sighted: true };
  const shown = (role: Reading["role"]) => {
    const { container, unmount } = show(<Said reading={{ ...said, role } as unknown as Reading} />);
    const text = container.textContent;
    unmount();
    return text;
  };
  expect(shown("adjudicator")).toMatch(/Eva hat geklärt: keines der Labels – „V2 unruhig“ .*2026.*, entblindet$/);
  expect(shown("reader")).toMatch(/Eva: keines der Labels – „V2 unruhig“ /);
});

test("a region says where it is, and why it cannot be kept", () => {
  const region = { label: "QRS", leads: ["II" as const], from_ms: 499.6, to_ms: 620.2 };
  expect(regionText(region)).toBe("QRS: 500 bis 620 ms, II");
  expect(faultOf(region, 600)).toBe("Das EKG endet bei 600 ms.");
});
