import { expect, test } from "vitest";
import { csvField, labelTemplate } from "./csv";

test("file names with commas and quotes survive the template", () => {
  expect(csvField('a,"b".csv')).toBe('"a,""b"".csv"');
  expect(labelTemplate(["ä #1.dat"])).toBe("file_name,label\r\nä #1.dat,\r\n");
});
