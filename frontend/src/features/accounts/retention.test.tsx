import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { answering, show } from "@/test/render";
import { Retention } from "./Retention";

const OFF = { grace_days: 7, rule: null, outlook: null, waits_for_jobs: false };
const COMING = { coming: [{ erase_on: "2026-03-09", n_recordings: 12 }], then_on: "2026-11-22", n_held: 2 };
const RULE = {
  days: 365,
  reason: "Ethics vote",
  set_by: "eva",
  set_at: "2026-03-01T12:00:00Z",
  n_erased: 3,
  last_erased_at: null,
};
const AT = "/api/v1/projects/p/retention";

test("number and day are named, to those who may not change it too", async () => {
  vi.stubGlobal(
    "fetch",
    answering({ [`GET ${AT}`]: () => ({ ...OFF, rule: RULE, outlook: COMING, waits_for_jobs: true }) }),
  );
  show(<Retention projectId="p" canChange={false} />);
  expect(await screen.findByText("Recordings are erased 365 days after their import")).toBeTruthy();
  expect(screen.getByText("9 Mar 2026").parentElement?.textContent).toBe("9 Mar 2026: 12 recordings will be erased.");
  expect(screen.getByText(/as soon as the jobs/)).toBeTruthy();
  expect(screen.queryByRole("button")).toBeNull();
});

test("a rule is set only after it was shown what it would do, and asked", async () => {
  const user = userEvent.setup();
  const sent: unknown[] = [];
  vi.stubGlobal(
    "fetch",
    answering({
      [`GET ${AT}`]: () => OFF,
      [`GET ${AT}/holds`]: () => [],
      [`GET ${AT}/preview`]: () => COMING,
      [`PUT ${AT}`]: async (request) => {
        sent.push(await request.json());
        return COMING;
      },
    }),
  );
  show(<Retention projectId="p" canChange />);
  expect(await screen.findByText(/Nothing is erased by itself/)).toBeTruthy();
  await user.type(screen.getByLabelText(/Erase after days/), "365");
  await user.type(screen.getByLabelText(/Reason/), "Ethics vote");
  await user.click(screen.getByRole("button", { name: "Look what it would do" }));
  expect((await screen.findByRole("status")).textContent).toContain("12 recordings will be erased");
  expect(sent).toEqual([]);
  await user.click(screen.getByRole("button", { name: "Set this rule" }));
  expect(sent).toEqual([]);
  await user.click(await screen.findByRole("button", { name: "Set the rule" }));
  await waitFor(() => expect(sent).toEqual([{ days: 365, reason: "Ethics vote" }]));
});

test("a hold on a patient is placed with a reason", async () => {
  const user = userEvent.setup();
  const sent: unknown[] = [];
  vi.stubGlobal(
    "fetch",
    answering({
      [`GET ${AT}`]: () => OFF,
      [`GET ${AT}/holds`]: () => [],
      [`POST ${AT}/holds`]: async (request) => {
        sent.push(await request.json());
        return Response.json({}, { status: 201 });
      },
    }),
  );
  show(<Retention projectId="p" canChange />);
  await user.click(await screen.findByRole("button", { name: "Keep something in any case" }));
  expect(screen.getByRole("button", { name: "Keep it" })).toHaveProperty("disabled", true);
  await user.type(screen.getByLabelText(/Patient to keep/), "MRN-1");
  await user.type(screen.getByLabelText(/Why it is kept/), "A court");
  await user.click(screen.getByRole("button", { name: "Keep it" }));
  await waitFor(() => expect(sent).toEqual([{ reason: "A court", recording_id: "", patient: "MRN-1" }]));
});
