import { expect, test, vi } from "vitest";
import { ApiError, OfflineError } from "@/api/client";
import type { UploadReport } from "@/api/types";
import type { PathFile } from "@/lib/files";
import { declaredFields, ORDERS, USUAL } from "./declared";
import type { Send } from "./send";
import { createUploader } from "./uploader";

const file = (path: string, size = 1000): PathFile => ({ path, file: { size, name: path } as File });
const many = (n: number) => Array.from({ length: n }, (_, i) => file(`r${String(i).padStart(5, "0")}.csv`));

function report(chunk: readonly PathFile[]): UploadReport {
  const outcomes = chunk.map(({ path }) => ({
    file_name: path,
    status: "imported" as const,
    detail: "",
    recording_ids: [path],
    findings: [],
    offers: [],
  }));
  return { import_id: "import", outcomes, imported: outcomes.length, duplicate: 0, updated: 0, refused: 0 };
}

const ended = (uploader: ReturnType<typeof createUploader>) =>
  vi.waitFor(() => expect(uploader.state().running).toBe(false));

test("five thousand files are sent, each with an outcome, at most three chunks at a time", async () => {
  let flying = 0;
  let most = 0;
  const send: Send = async (chunk) => {
    most = Math.max(most, ++flying);
    await Promise.resolve();
    flying--;
    return report(chunk);
  };
  const uploader = createUploader(() => undefined);
  uploader.add(many(5000), send);
  await ended(uploader);
  const { outcomes, doneFiles, files, doneBytes, bytes } = uploader.state();
  expect(outcomes).toHaveLength(5000);
  expect(new Set(outcomes.map(({ file_name }) => file_name)).size).toBe(5000);
  expect([doneFiles, doneBytes]).toEqual([files, bytes]);
  expect(most).toBe(3);
});

test("a chunk that the platform refuses marks its files, the others go on, and trying again sends only those", async () => {
  let refuse = true;
  const sent: string[] = [];
  const send: Send = async (chunk) => {
    if (refuse && chunk.some(({ path }) => path === "r00070.csv")) throw new ApiError(413, "LimitError", "Too large.");
    sent.push(...chunk.map(({ path }) => path));
    return report(chunk);
  };
  const uploader = createUploader(() => undefined);
  uploader.add(many(200), send);
  await ended(uploader);
  const failed = uploader.state().outcomes.filter(({ status }) => status === "failed");
  expect(failed).toHaveLength(64);
  expect(failed.every(({ detail }) => detail === "Too large.")).toBe(true);
  expect(uploader.state().outcomes).toHaveLength(200);

  refuse = false;
  sent.length = 0;
  uploader.retry();
  await ended(uploader);
  expect(sent).toHaveLength(64);
  expect(uploader.state().outcomes.filter(({ status }) => status === "imported")).toHaveLength(200);
  const { outcomes, doneFiles, doneBytes, bytes } = uploader.state();
  expect(outcomes).toHaveLength(200);
  expect([doneFiles, doneBytes]).toEqual([200, bytes]);
});

test("a broken connection is tried once more by itself", async () => {
  vi.useFakeTimers();
  let attempts = 0;
  const uploader = createUploader(() => undefined);
  uploader.add([file("a.csv")], async (chunk) => {
    if (++attempts === 1) throw new OfflineError();
    return report(chunk);
  });
  await vi.runAllTimersAsync();
  vi.useRealTimers();
  expect(attempts).toBe(2);
  expect(uploader.state().outcomes.map(({ status }) => status)).toEqual(["imported"]);
});

test("cancelling keeps what was not sent in the list, to be tried again", async () => {
  const send: Send = (_, __, signal) =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(new DOMException("", "AbortError"))));
  const uploader = createUploader(() => undefined);
  uploader.add(many(1000), send);
  uploader.cancel();
  await ended(uploader);
  expect(uploader.state().cancelled).toBe(true);
  expect(uploader.state().outcomes).toHaveLength(1000);
  expect(uploader.state().outcomes.every(({ status }) => status === "failed")).toBe(true);
});

test("hidden files are left out and counted", async () => {
  const uploader = createUploader(() => undefined);
  uploader.add([file("study/.DS_Store"), file("study/a.csv")], async (chunk) => report(chunk));
  await ended(uploader);
  expect(uploader.state()).toMatchObject({ files: 1, hiddenFiles: 1 });
});

test("dismissing forgets everything", async () => {
  const uploader = createUploader(() => undefined);
  uploader.add(many(3), async (chunk) => report(chunk));
  await ended(uploader);
  uploader.dismiss();
  expect(uploader.state()).toMatchObject({ files: 0, outcomes: [], doneBytes: 0 });
});

test("what is declared becomes form fields", () => {
  expect(declaredFields(USUAL)).toEqual([
    ["rate", "500"],
    ["unit", "mV"],
    ["units_per_mv", "1000"],
  ]);
  expect(declaredFields({ ...USUAL, scale: "mV" })).toContainEqual(["units_per_mv", "1"]);
  expect(declaredFields({ ...USUAL, scale: "arbitrary" })).toEqual([
    ["rate", "500"],
    ["unit", "arbitrary"],
  ]);
});

test("each order of leads names the leads of a device once, in the order of its channels", () => {
  const named = Object.fromEntries(ORDERS.map(({ label, value }) => [/\(([^,)]+)/.exec(label)?.[1], value]));
  // The waveforms of MIMIC-IV-ECG have aVF before aVR and aVL; Cabrera runs from aVL over I, aVR and II to III.
  expect(named["MIMIC-IV"]).toBe("I,II,III,aVF,aVR,aVL,V1,V2,V3,V4,V5,V6");
  expect(named.Cabrera).toBe("aVL,I,aVR,II,aVF,III,V1,V2,V3,V4,V5,V6");
  for (const { value } of ORDERS.filter(({ value }) => value !== "")) {
    expect(new Set(value.split(",")).size).toBe(value.split(",").length);
  }
});

test("own units, an order of leads, and what else is kept are sent as declared", () => {
  const fields = declaredFields({
    ...USUAL,
    scale: "custom",
    unitsPerMv: 204.8,
    leads: "II,I",
    partial: true,
    raw: true,
  });
  expect(fields).toEqual([
    ["rate", "500"],
    ["unit", "mV"],
    ["units_per_mv", "204.8"],
    ["leads", "II,I"],
    ["partial", "true"],
    ["raw", "true"],
  ]);
});

test("what is refused but can be read as declared otherwise is sent again, its whole record and nothing else", async () => {
  const unit = { unit: "arbitrary" as const };
  const refusing: Send = async (chunk) => {
    const all = report(chunk).outcomes.filter(({ file_name }) => !file_name.endsWith(".dat"));
    const outcomes = all.map((one) =>
      one.file_name.startsWith("nu") ? { ...one, status: "refused" as const, recording_ids: [], offers: [unit] } : one,
    );
    return { ...report(chunk), outcomes };
  };
  const again: string[][] = [];
  const uploader = createUploader(() => undefined);
  uploader.add(
    ["a.hea", "a.dat", "nu/1.hea", "nu/1.dat", "nu/2.hea", "nu/2.dat"].map((path) => file(path)),
    refusing,
  );
  await ended(uploader);
  expect(uploader.offers()).toEqual([unit]);
  uploader.readAs(unit, async (chunk) => {
    again.push(chunk.map(({ path }) => path));
    return { ...report(chunk), outcomes: report(chunk).outcomes.filter(({ file_name }) => file_name.endsWith(".hea")) };
  });
  await ended(uploader);
  expect(again).toEqual([["nu/1.hea", "nu/1.dat", "nu/2.hea", "nu/2.dat"]]);
  expect(uploader.offers()).toEqual([]);
  const { outcomes, doneFiles, files, doneBytes, bytes } = uploader.state();
  expect(outcomes.map(({ status }) => status)).toEqual(["imported", "imported", "imported"]);
  expect([doneFiles, doneBytes]).toEqual([files, bytes]);
});
