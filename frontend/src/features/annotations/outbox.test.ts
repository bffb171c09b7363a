import { beforeEach, expect, test } from "vitest";
import { ApiError, OfflineError } from "@/api/client";
import { Outbox, type Sent, slotOf, someWait } from "./outbox";

/** A platform that keeps readings by id, as the real one does, and may be down or refuse. */
class Platform {
  kept: Sent[] = [];
  down = false;
  /** Keeps, but its answer is lost. */
  deaf = false;
  refuses: string | null = null;

  send = async (one: Sent) => {
    if (this.down) throw new OfflineError();
    if (this.refuses) throw new ApiError(409, "ConflictError", this.refuses);
    if (!this.kept.some((each) => each.id === one.id)) this.kept.push(one);
    if (this.deaf) throw new OfflineError();
  };
}

let calls: (() => void)[] = [];
const later = (call: () => void) => calls.push(call);
const runLater = async () => {
  for (const call of calls.splice(0)) call();
  await settled();
};
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));
const opened = (platform: Platform) => new Outbox({ storage: localStorage, send: platform.send, later });
const reading = (id: string, recording = "r1", labels = ["MI"], replaces: string | null = null) => ({
  id,
  projectId: "p",
  labelSetId: "s",
  reader: "Anna",
  body: { recording_id: recording, role: "reader" as const, labels, done: true, note: "", regions: [], replaces },
});

beforeEach(() => {
  localStorage.clear();
  calls = [];
});

test("what is said is sent in turn and then no longer kept here", async () => {
  const platform = new Platform();
  const outbox = opened(platform);
  for (let n = 0; n < 100; n++) outbox.add(reading(`id${n}`, `r${n}`));
  await settled();
  expect(platform.kept.map(({ id }) => id)).toEqual(Array.from({ length: 100 }, (_, n) => `id${n}`));
  expect(outbox.news()).toMatchObject({ waiting: 0, failing: false });
  expect(someWait()).toBe(false);
});

test("while the platform is down all is kept, over a reload too, and sent in turn when it is back", async () => {
  const platform = new Platform();
  platform.down = true;
  const before = opened(platform);
  for (let n = 0; n < 12; n++) before.add(reading(`id${n}`, `r${n}`));
  await settled();
  expect(before.news()).toMatchObject({ waiting: 12, failing: true });
  expect(someWait()).toBe(true);

  const after = opened(platform);
  expect(after.last(slotOf(reading("", "r7")))?.id).toBe("id7");
  platform.down = false;
  await after.flush();
  expect(platform.kept.map(({ id }) => id)).toEqual(Array.from({ length: 12 }, (_, n) => `id${n}`));
  expect(someWait()).toBe(false);
});

test("an answer that is lost loses nothing and doubles nothing", async () => {
  const platform = new Platform();
  platform.deaf = true;
  const outbox = opened(platform);
  outbox.add(reading("a"));
  outbox.add(reading("b", "r1", ["NORM"], "a"));
  await settled();
  expect(outbox.news().waiting).toBe(2);
  platform.deaf = false;
  await runLater();
  expect(platform.kept.map(({ id }) => id)).toEqual(["a", "b"]);
  expect(outbox.news()).toMatchObject({ waiting: 0, failing: false });
});

test("what is refused stays, with the last of what was said, until a person decides; others go on", async () => {
  const platform = new Platform();
  platform.down = true;
  const outbox = opened(platform);
  outbox.add(reading("a"));
  outbox.add(reading("b", "r1", ["NORM"], "a"));
  outbox.add(reading("c", "r2"));
  await settled();
  platform.down = false;
  platform.refuses = "It was read in another window.";
  const send = platform.send;
  platform.send = async (one) => {
    if (one.body.recording_id === "r2") platform.refuses = null;
    await send(one);
  };
  const again = new Outbox({ storage: localStorage, send: (one) => platform.send(one), later });
  await again.flush();
  await settled();
  expect(platform.kept.map(({ id }) => id)).toEqual(["c"]);
  const [refused] = again.news().refused;
  expect(refused).toMatchObject({ id: "b", conflict: true, message: "It was read in another window." });
  expect(refused?.body.labels).toEqual(["NORM"]);
  expect(someWait()).toBe(true); // a reload would ask again
  again.sayAgain("b", "d", "server");
  await settled();
  expect(platform.kept.at(-1)).toMatchObject({ id: "d", body: { labels: ["NORM"], replaces: "server" } });
  expect(again.news().refused).toEqual([]);
  expect(someWait()).toBe(false);
});

test("what a person decides against is gone", async () => {
  const platform = new Platform();
  platform.refuses = "No.";
  const outbox = opened(platform);
  outbox.add(reading("a"));
  await settled();
  outbox.discard("a");
  expect(outbox.news().refused).toEqual([]);
  expect(someWait()).toBe(false);
});

test("where the browser keeps nothing it is said, and still sent", async () => {
  const platform = new Platform();
  platform.down = true;
  const full = {
    length: 0,
    key: () => null,
    getItem: () => null,
    removeItem: () => undefined,
    setItem: () => {
      throw new DOMException("full", "QuotaExceededError");
    },
  };
  const outbox = new Outbox({ storage: full, send: platform.send, later });
  outbox.add(reading("a"));
  await settled();
  expect(outbox.news()).toMatchObject({ waiting: 1, stored: false });
  platform.down = false;
  await runLater();
  expect(platform.kept).toHaveLength(1);
});

test("readings of two readers, and adjudications, are slots of their own", () => {
  const mine = reading("a");
  const other = { ...mine, reader: "Bert" };
  const decided = { ...mine, body: { ...mine.body, role: "adjudicator" as const } };
  expect(new Set([mine, other, decided].map(slotOf)).size).toBe(3);
  expect(slotOf({ ...decided, reader: "Bert" })).toBe(slotOf(decided));
});
