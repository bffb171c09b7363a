/** The choice of columns of a table of labels: which role each column has, and a choice in words. */

import type { LabelChoice, LabelPreview } from "@/api/types";

export type Role = "none" | "recording" | "label" | "value" | "patient" | "split" | "fold" | "sex" | "age";

export const ROLES: readonly (readonly [Role, string])[] = [
  ["none", "Not used"],
  ["recording", "Recording"],
  ["label", "Label"],
  ["value", "Value to learn"],
  ["patient", "Patient"],
  ["split", "Split (train, test)"],
  ["fold", "Fold"],
  ["sex", "Sex (for groups)"],
  ["age", "Age in years (for groups)"],
];

export const KINDS: Record<LabelPreview["columns"][number]["kind"], string> = {
  empty: "empty",
  yes_no: "yes or no",
  number: "numbers",
  dictionary: "codes with likelihood",
  list: "lists",
  text: "text",
};

const ONE_OF_A_KIND = ["patient", "split", "fold", "sex", "age"] as const;

/** The columns that a template names in braces, such as HR{ecg_id:05d}. */
export function columnsOf(template: string): string[] {
  return [...template.matchAll(/\{([^{}]*?)(?::0?\d{1,2}d?)?\}/g)].map((found) => found[1] ?? "");
}

export function roleOf(choice: LabelChoice, column: string): Role {
  if (choice.labels.includes(column)) return "label";
  if (choice.values.includes(column)) return "value";
  if (choice.recording.some((template) => columnsOf(template).includes(column))) return "recording";
  return ONE_OF_A_KIND.find((role) => choice[role] === column) ?? "none";
}

/** The choice with another role for a column; what had the role before gives it up where only one may have it. */
export function withRole(
  choice: LabelChoice,
  column: string,
  role: Role,
  matches: LabelPreview["matches"] = [],
): LabelChoice {
  const next: LabelChoice = {
    ...choice,
    labels: choice.labels.filter((name) => name !== column),
    values: choice.values.filter((name) => name !== column),
    recording: choice.recording.filter((template) => !columnsOf(template).includes(column)),
  };
  for (const one of ONE_OF_A_KIND) next[one] = choice[one] && choice[one] !== column ? choice[one] : "";
  if (role === "label") return { ...next, labels: [...next.labels, column], values: [] };
  if (role === "value") return { ...next, values: [...next.values, column], labels: [] };
  if (role === "recording") {
    const best = matches.find((match) => match.columns.length === 1 && match.columns[0] === column);
    return { ...next, recording: [best?.template ?? `{${column}}`] };
  }
  if (role === "split") return { ...next, split: column, fold: "" };
  if (role === "fold") return { ...next, fold: column, split: "" };
  if (role === "patient" || role === "sex" || role === "age") return { ...next, [role]: column };
  return next;
}

/** The choice that a dataset was made with, as a sentence. */
export function inWords(choice: LabelChoice): string {
  const parts = [`recordings by ${choice.recording.join(" or ")}`];
  if (choice.labels.length) {
    const codes = choice.superclasses ? " as diagnostic superclasses" : "";
    const least = choice.threshold ? ` from a likelihood of ${choice.threshold} on` : "";
    parts.push(`labels from ${few(choice.labels)}${codes}${least}`);
  }
  if (choice.values.length) parts.push(`values from ${few(choice.values)}`);
  if (choice.patient) parts.push(`patients by ${choice.patient}`);
  if (choice.split || choice.fold) parts.push(`parts by ${choice.split || choice.fold}`);
  const person = [choice.sex && `sex by ${choice.sex}`, choice.age && `age by ${choice.age}`].filter(Boolean);
  return [...parts, ...person].join("; ");
}

function few(names: readonly string[]): string {
  return names.length > 8 ? `${names.slice(0, 7).join(", ")} … ${names.at(-1)}` : names.join(", ");
}
