import { defineConfig } from "@lingui/cli";
import { formatter } from "@lingui/format-po";

/** A file of German texts, and the folders whose texts it holds. English stands in the code itself. */
const texts = (name: string, folders: readonly string[]) => ({
  path: `src/locales/{locale}/${name}`,
  include: folders.map((folder) => `src/${folder}`),
  exclude: ["**/*.test.ts", "**/*.test.tsx"],
});

export default defineConfig({
  sourceLocale: "en",
  locales: ["de"],
  // `shell` is loaded before anything is shown, the others with the first page.
  catalogs: [
    texts("shell", ["app", "components", "lib", "api", "language", "features/accounts", "features/jobs"]),
    texts("projects", ["features/projects", "features/overview", "features/imports"]),
    texts("recordings", ["features/recordings", "features/measurements"]),
    texts("labels", ["features/annotations", "features/datasets"]),
    texts("training", ["features/runs", "features/models", "features/comparisons"]),
    texts("results", ["features/evaluations", "features/predictions", "features/explanations", "features/drift"]),
    texts("exchanges", ["features/exchanges"]),
  ],
  format: formatter({ origins: true, lineNumbers: false }),
});
