/** CSV as RFC 4180 has it. */

export function csvField(value: string): string {
  return /[",;\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

export function toCsv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(csvField).join(",")}\r\n`).join("");
}

/** A table of labels with each file name and an empty label, for a person to fill in. */
export function labelTemplate(fileNames: readonly string[]): string {
  return toCsv([["file_name", "label"], ...fileNames.map((name) => [name, ""])]);
}
