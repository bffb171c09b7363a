import { afterEach, expect, test, vi } from "vitest";
import { answer, apiPath, client, OfflineError } from "./client";
import { isDown, reportReachable, reportUnreachable } from "./connection";
import { projectsQuery } from "./projects";

afterEach(() => {
  reportReachable();
  vi.useRealTimers();
});

const get = () => answer(client.GET("/api/v1/projects"));

test("a refusal carries the platform's own words", async () => {
  vi.stubGlobal("fetch", async () =>
    Response.json({ error: "ConflictError", detail: "Cancel it first." }, { status: 409 }),
  );
  await expect(get()).rejects.toMatchObject({ status: 409, kind: "ConflictError", message: "Cancel it first." });
  expect(isDown()).toBe(false);
});

test("an answer without words still says what to do", async () => {
  vi.stubGlobal("fetch", async () => new Response("oops", { status: 500 }));
  await expect(get()).rejects.toMatchObject({ status: 500, kind: "UnexpectedError" });
});

test("a platform that is down is noticed, asked again, and noticed when it is back", async () => {
  vi.useFakeTimers();
  vi.stubGlobal("fetch", async () => {
    throw new TypeError("Failed to fetch");
  });
  await expect(get()).rejects.toBeInstanceOf(OfflineError);
  expect(isDown()).toBe(true);
  await vi.advanceTimersByTimeAsync(6000);
  expect(isDown()).toBe(true);
  vi.stubGlobal("fetch", async () => Response.json({ status: "ok" }));
  await vi.advanceTimersByTimeAsync(3000);
  expect(isDown()).toBe(false);
});

test("a platform that another request reached is not asked again", async () => {
  vi.useFakeTimers();
  const fetched = vi.fn(async () => Response.json({ status: "ok" }));
  vi.stubGlobal("fetch", fetched);
  reportUnreachable();
  reportReachable();
  await vi.advanceTimersByTimeAsync(6000);
  expect(fetched).not.toHaveBeenCalled();
});

test("names in paths are encoded", () => {
  expect(apiPath("projects", "a/b #?")).toBe("/api/v1/projects/a%2Fb%20%23%3F");
});

test("queries of one project share the beginning of their keys", () => {
  expect(projectsQuery().queryKey).toEqual(["projects"]);
});
