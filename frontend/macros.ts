/** Lets `t` and `<Trans>` of Lingui be written in the code: its macros become calls before anything else is done. */

import { transformAsync } from "@babel/core";
import type { Plugin } from "vite";

export function linguiMacros(): Plugin {
  return {
    name: "lingui-macros",
    enforce: "pre",
    async transform(code, id) {
      const [file = id] = id.split("?");
      if (!/\.tsx?$/.test(file) || !/@lingui\/(core|react)\/macro/.test(code)) return null;
      const made = await transformAsync(code, {
        filename: file,
        babelrc: false,
        configFile: false,
        sourceMaps: true,
        parserOpts: { plugins: file.endsWith("x") ? ["typescript", "jsx"] : ["typescript"] },
        // English stands in the code and is not loaded from a file, so it stays in what is built.
        plugins: [["@lingui/babel-plugin-lingui-macro", { stripMessageField: false }]],
      });
      return made?.code ? { code: made.code, map: made.map ?? null } : null;
    },
  };
}
