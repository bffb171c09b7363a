import { expect, test, vi } from "vitest";
import { linguiMacros } from "../../macros";

type Transform = (code: string, id: string) => Promise<{ code: string } | null>;
const transform = linguiMacros().transform as unknown as Transform;

test("English stays in what is built for use: it is in no other file", async () => {
  vi.stubEnv("NODE_ENV", "production");
  const text = await transform('import { t } from "@lingui/core/macro"; export const a = t`Save all`;', "a.ts");
  expect(text?.code).toContain("Save all");
  const element = await transform(
    'import { Trans } from "@lingui/react/macro"; export const a = <Trans>Keep <b>all</b></Trans>;',
    "a.tsx",
  );
  expect(element?.code).toContain("Keep <0>all</0>");
  vi.unstubAllEnvs();
});

test("files without texts are left as they are", async () => {
  expect(await transform("export const a = 1;", "a.ts")).toBeNull();
  expect(await transform("@lingui/core/macro", "a.css")).toBeNull();
});
