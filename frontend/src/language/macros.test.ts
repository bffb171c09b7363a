import { expect, test, vi } from "vitest";
import { linguiMacros } from "../../macros";

test("the English texts stay in the page that is built", async () => {
  vi.stubEnv("NODE_ENV", "production");
  const { transform } = linguiMacros();
  const code = 'import { t } from "@lingui/core/macro"; export const a = t`Save`;';
  const made = await (transform as (code: string, file: string) => Promise<{ code: string }>)(code, "/a.ts");
  expect(made.code).toContain("Save");
  vi.unstubAllEnvs();
});
