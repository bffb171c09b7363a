import { defineConfig } from "@lingui/cli";
import { formatter } from "@lingui/format-po";

/** A file of German texts, and the folders or files whose texts it holds. English stands in the code itself. */
const texts = (name: string, places: readonly string[], without: readonly string[] = []) => ({
  path: `src/locales/{locale}/${name}`,
  include: places.map((place) => `src/${place}`),
  exclude: ["**/*.test.ts", "**/*.test.tsx", ...without.map((place) => `src/${place}`)],
});

/** What of the accounts is shown before any page is. */
const SIGN_IN = ["AccountMenu", "ProviderSignIn", "SignIn"].map((name) => `features/accounts/${name}.tsx`);

export default defineConfig({
  sourceLocale: "en",
  locales: ["de"],
  // `shell` is loaded before anything is shown, the others with the first page.
  catalogs: [
    texts("shell", ["app", "components", "lib", "api", "language", "features/jobs", ...SIGN_IN]),
    texts("accounts", ["features/accounts"], SIGN_IN),
    texts("projects", ["features/projects", "features/overview", "features/imports"]),
    texts("recordings", ["features/recordings", "features/measurements"]),
    texts("labels", ["features/annotations", "features/datasets"]),
    texts("training", ["features/runs", "features/models", "features/comparisons"]),
    texts("results", ["features/evaluations", "features/predictions", "features/explanations", "features/drift"]),
    texts("exchanges", ["features/exchanges"]),
  ],
  format: formatter({ origins: true, lineNumbers: false }),
});
