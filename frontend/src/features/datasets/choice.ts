/** The choice of columns of a table of labels: which role each column has, and a choice in words. */

import { t } from "@lingui/core/macro";
import type { LabelChoice, LabelPreview } from "@/api/types";
import { region } from "@/language/language";
import { decimal } from "@/lib/format";

export type Role = "none" | "recording" | "label" | "value" | "patient" | "split" | "fold" | "sex" | "age";

export const ROLES: readonly (readonly [Role, string])[] = [
  ["none", t`Not used`],
  ["recording", t`Recording`],
  ["label", t`Label`],
  ["value", t`Value to learn`],
  ["patient", t`Patient`],
  ["split", t`Split (train, test)`],
  ["fold", t`Fold`],
  ["sex", t`Sex (for groups)`],
  ["age", t`Age in years (for groups)`],
];

export const KINDS: Record<LabelPreview["columns"][number]["kind"], string> = {
  empty: t`empty`,
  yes_no: t`yes or no`,
  number: t`numbers`,
  dictionary: t`codes with likelihood`,
  list: t`lists`,
  text: t`text`,
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
  const { patient, sex, age } = choice;
  const names = new Intl.ListFormat(region(), { type: "disjunction" }).format(choice.recording);
  const values = few(choice.values);
  const split = choice.split || choice.fold;
  return [
    t`recordings by ${names}`,
    choice.labels.length > 0 && labelsInWords(choice),
    choice.values.length > 0 && t`values from ${values}`,
    patient && t`patients by ${patient}`,
    split && t`parts by ${split}`,
    sex && t`sex by ${sex}`,
    age && t`age by ${age}`,
  ]
    .filter(Boolean)
    .join("; ");
}

function labelsInWords({ labels, superclasses, threshold }: LabelChoice): string {
  const columns = few(labels);
  const least = decimal(String(threshold));
  if (superclasses && threshold)
    return t`labels from ${columns} as diagnostic superclasses from a likelihood of ${least} on`;
  if (superclasses) return t`labels from ${columns} as diagnostic superclasses`;
  return threshold ? t`labels from ${columns} from a likelihood of ${least} on` : t`labels from ${columns}`;
}

function few(names: readonly string[]): string {
  return names.length > 8 ? `${names.slice(0, 7).join(", ")} … ${names.at(-1)}` : names.join(", ");
}
