/** CSV as RFC 4180 has it, which a spreadsheet can open without harm. */

const NUMBER = /^[-+]?(\d+([.,]\d*)?|[.,]\d+)(e[-+]?\d+)?$/i;

/** A cell; one that a spreadsheet would run as a formula gets an apostrophe before it, a number stays one. */
export function csvField(text: string): string {
  const value = /^[=+\-@\t\r]/.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",;\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

export function toCsv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(csvField).join(",")}\r\n`).join("");
}

/** A table of labels with each file name and an empty label, for a person to fill in. */
export function labelTemplate(fileNames: readonly string[]): string {
  return toCsv([["file_name", "label"], ...fileNames.map((name) => [name, ""])]);
}
