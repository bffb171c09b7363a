import { expect, test } from "vitest";
import { seenFact, seenInWords } from "./seenInWords";

test("nothing is called never seen where it is not known of some", () => {
  for (const include_seen of [false, true]) {
    const asked = { settings: { include_seen }, n_not_known: 3 };
    for (const text of [seenInWords(asked), seenFact(asked, 2)]) {
      expect(text).toContain("not known of 3 recordings");
      expect(text).not.toMatch(/never|none/);
    }
  }
  const known = { settings: { include_seen: false }, n_not_known: 0 };
  expect(seenInWords(known)).toBe("never-seen recordings only");
  expect(seenFact(known, 0)).toBe("none of these recordings");
});
