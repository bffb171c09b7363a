import { waitFor } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import * as api from "@/api/jobs";
import type { Job, JobEvent } from "@/api/types";
import { show } from "@/test/render";
import { texts, useJobFeed } from "./useJobFeed";

const job = (status: Job["status"]) => ({ id: "j", status, progress: 1 }) as Job;
const event = (number: number, kind: string) =>
  ({ number, kind, payload: { text: `text ${number}` } }) as unknown as JobEvent;
let ended = 0;

function Followed({ known }: { known: Job }) {
  const { job, events } = useJobFeed("p", known, () => ended++);
  return <p>{`${job.status}: ${texts(events, "note").join(", ")}`}</p>;
}

beforeEach(() => {
  ended = 0;
  vi.spyOn(api, "getJob").mockResolvedValue(job("done"));
  vi.spyOn(api, "getEvents").mockResolvedValue([event(1, "log"), event(2, "note")]);
});

test("a job that ends under one's eyes has its notes, and what it changed is asked for again", async () => {
  const { container, queries } = show(<Followed known={job("running")} />);
  const invalidate = vi.spyOn(queries, "invalidateQueries");
  await waitFor(() => expect(container.textContent).toContain("done: text 2"));
  expect(ended).toBe(1);
  expect(invalidate.mock.calls.map(([filter]) => filter?.queryKey)).toEqual([["project", "p"], ["projects"]]);
});

test("of a job that was over before nothing is asked for again", async () => {
  const { container, queries } = show(<Followed known={job("done")} />);
  const invalidate = vi.spyOn(queries, "invalidateQueries");
  await waitFor(() => expect(container.textContent).toContain("done: text 2"));
  expect(ended).toBe(0);
  expect(invalidate).not.toHaveBeenCalled();
});
