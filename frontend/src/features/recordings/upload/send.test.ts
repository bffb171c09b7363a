import { expect, test } from "vitest";
import type { UploadReport } from "@/api/types";
import { asOneImport } from "./send";

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
