import { describe, expect, test, vi } from "vitest";
import { OfflineError } from "@/api/client";
import { reportReachable } from "@/api/connection";
import type { UploadReport } from "@/api/types";
import { USUAL } from "./declared";
import { asOneImport, sender } from "./send";

const report = (importId: string): UploadReport => ({
  import_id: importId,
  outcomes: [],
  imported: 0,
  duplicate: 0,
  updated: 0,
  refused: 0,
});
const chunk = [[], () => undefined, new AbortController().signal] as const;

test("the chunks of one import go to the import that the first of them opened", async () => {
  const seen: (string | null)[] = [];
  const send = asOneImport(async (importId) => {
    seen.push(importId);
    await new Promise((resolve) => setTimeout(resolve, 5));
    return report(importId ?? "new");
  });
  await Promise.all([send(...chunk), send(...chunk), send(...chunk)]);
  await send(...chunk);
  expect(seen).toEqual([null, "new", "new", "new"]);
});

test("where the first chunk fails, the next one opens the import", async () => {
  const seen: (string | null)[] = [];
  const send = asOneImport(async (importId) => {
    seen.push(importId);
    await Promise.resolve();
    if (seen.length === 1) throw new Error("no connection");
    return report(importId ?? "second");
  });
  const results = await Promise.allSettled([send(...chunk), send(...chunk), send(...chunk)]);
  expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
  expect(seen).toEqual([null, null, "second"]);
});

class Request {
  static last: Request;
  upload: { onprogress?: (event: { loaded: number; total: number }) => void } = {};
  status = 200;
  response: unknown = null;
  onload?: () => void;
  onerror?: () => void;
  onabort?: () => void;
  path = "";
  headers: Record<string, string> = {};
  form = new FormData();
  constructor() {
    Request.last = this;
  }
  open(_: string, path: string) {
    this.path = path;
  }
  setRequestHeader(name: string, value: string) {
    this.headers[name] = value;
  }
  send(form: FormData) {
    this.form = form;
  }
  abort() {
    this.onabort?.();
  }
  answer(status: number, response: unknown) {
    this.status = status;
    this.response = response;
    this.onload?.();
  }
}

describe("a chunk on its way", () => {
  const file = { path: "ward 3/a.csv", file: new File(["x"], "a.csv") };
  const sending = (signal = new AbortController().signal) => {
    vi.stubGlobal("XMLHttpRequest", Request);
    const fractions: number[] = [];
    const send = sender("p", { ...USUAL, scale: "mV" });
    return { send, fractions, result: send([file], (fraction) => fractions.push(fraction), signal) };
  };

  test("holds what was declared, then its files with their folders, then goes on in the same import", async () => {
    const { send, fractions, result } = sending();
    const first = Request.last;
    expect(first.path).toBe("/api/v1/projects/p/recordings");
    expect(first.headers).toEqual({ "Accept-Language": "en" }); // findings and refusals come in it
    expect([...first.form.keys()]).toEqual(["rate", "unit", "units_per_mv", "files"]);
    expect(first.form.get("units_per_mv")).toBe("1");
    expect((first.form.get("files") as File).name).toBe("ward 3/a.csv");
    first.upload.onprogress?.({ loaded: 1, total: 4 });
    first.answer(200, report("i"));
    expect((await result).import_id).toBe("i");
    expect(fractions).toEqual([0.25]);
    const next = send([file], () => undefined, new AbortController().signal);
    await Promise.resolve();
    expect(Request.last.form.get("import_id")).toBe("i");
    Request.last.answer(200, report("i"));
    await next;
  });

  test("that is refused says why in the platform's words", async () => {
    const { result } = sending();
    Request.last.answer(413, { error: "LimitError", detail: "Too large. Send fewer files." });
    await expect(result).rejects.toMatchObject({ kind: "LimitError", message: "Too large. Send fewer files." });
  });

  test("that a gateway or no one answers finds the platform unreachable", async () => {
    vi.useFakeTimers();
    for (const fail of [() => Request.last.answer(502, null), () => Request.last.onerror?.()]) {
      const { result } = sending();
      fail();
      await expect(result).rejects.toBeInstanceOf(OfflineError);
    }
    reportReachable();
    vi.useRealTimers();
  });

  test("is stopped with the upload", async () => {
    const abort = new AbortController();
    const { result } = sending(abort.signal);
    abort.abort();
    await expect(result).rejects.toMatchObject({ name: "AbortError" });
  });
});
