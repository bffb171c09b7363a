import { i18n } from "@lingui/core";
import { screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { messages } from "@/locales/de/accounts.po";
import { englishAfterwards, inGerman } from "@/test/german";
import { answering, show } from "@/test/render";
import { Retention } from "./Retention";

englishAfterwards();

test("what is going to be erased is said in German, with its number, day and verb", async () => {
  inGerman();
  i18n.load("de", messages);
  const coming = [
    { erase_on: "2026-03-02", n_recordings: 1200 },
    { erase_on: "2026-03-09", n_recordings: 1 },
  ];
  const rule = {
    days: 1,
    reason: "Votum",
    set_by: "eva",
    set_at: "2026-03-01T12:00:00Z",
    n_erased: 1,
    last_erased_at: null,
  };
  const found = {
    grace_days: 7,
    rule,
    outlook: { coming, then_on: null, n_held: 2 },
    waits_for_jobs: false,
  };
  vi.stubGlobal("fetch", answering({ "GET /api/v1/projects/p/retention": () => found }));
  show(<Retention projectId="p" canChange={false} />);
  expect(await screen.findByText("Aufzeichnungen werden 1 Tag nach dem Import endgültig gelöscht")).toBeTruthy();
  const said = document.body.textContent;
  expect(said).toContain("09.03.2026: 1 Aufzeichnung wird endgültig gelöscht.");
  expect(said).toContain("02.03.2026: 1.200 Aufzeichnungen werden endgültig gelöscht.");
  expect(said).toContain("Eine Löschsperre bewahrt 2 Aufzeichnungen.");
  expect(said).toContain(" · seitdem 1 Aufzeichnung endgültig gelöscht");
});
