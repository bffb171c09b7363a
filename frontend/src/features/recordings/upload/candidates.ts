/** Which of the picked files may leave rate, unit or leads open: the server judges by content, this only whom to ask. */

import type { Preview, System } from "@/api/types";
import { stem } from "@/lib/chunks";
import { type FileSet, isHidden, type PathFile } from "@/lib/files";

const ARCHIVE = /\.(zip|tar|tgz|gz|bz2|xz)$/i;
/** Asking sends the whole file. */
const LARGEST = 64 * 1024 ** 2;
const MOST_ENDINGS = 8;
/** The first file of an ending may be broken; a few more stand in for it. */
const EACH = 3;

/**
 * The first files of each ending that may need a declaration, and the first of each other ending, which may turn out to.
 * A WFDB header goes with the files of its record: its unit may be no voltage.
 */
export function candidates(files: readonly PathFile[], formats: System["formats"]): FileSet[] {
  const open = openEndings(formats);
  const readable = new Set(formats.flatMap((format) => format.extensions));
  const headers = new Set(files.filter(isHeader).map(({ path }) => stem(path)));
  const found = new Map<string, FileSet[]>();
  for (const item of files) {
    const ending = endingOf(item);
    const known = found.get(ending) ?? [];
    const silent = open.has(ending) || ARCHIVE.test(ending);
    if (!silent && !readable.has(ending)) continue;
    if (known.length === (silent ? EACH : 1) || (known.length === 0 && found.size === MOST_ENDINGS)) continue;
    if (isHidden(item.path) || (headers.has(stem(item.path)) && !isHeader(item))) continue;
    const beside = isHeader(item) ? files.filter((one) => one !== item && stem(one.path) === stem(item.path)) : [];
    const size = [item, ...beside].reduce((sum, { file }) => sum + file.size, 0);
    if (item.file.size === 0 || size > LARGEST) continue;
    found.set(ending, [...known, { ...item, beside }]);
  }
  return [...found.values()].flat();
}

/**
 * The candidates to show to the person, the doubtful one first; none where each ending says all by itself. One that
 * cannot be read is shown as well, unless another is in doubt: declared differently, it may be readable.
 */
export async function doubtful(
  asked: readonly FileSet[],
  formats: System["formats"],
  preview: (item: FileSet) => Promise<Pick<Preview, "left_open" | "error" | "offers">>,
): Promise<FileSet[]> {
  const open = openEndings(formats);
  const clear = new Set<string>();
  let refused: FileSet | undefined;
  for (const item of asked) {
    if (clear.has(endingOf(item))) continue;
    const seen = await preview(item).catch(() => null);
    const silent = open.has(endingOf(item)) || ARCHIVE.test(endingOf(item));
    // A file of a format that says all itself is asked about only where a declaration other than "partial" helps.
    if (!silent && !seen?.offers?.some((offer) => !offer.partial)) clear.add(endingOf(item));
    else if (seen === null || seen.error) refused ??= item;
    else if (seen.left_open.length > 0) return firstOf(asked, item);
    else clear.add(endingOf(item));
  }
  return refused ? firstOf(asked, refused) : [];
}

function openEndings(formats: System["formats"]): ReadonlySet<string> {
  return new Set(formats.filter((format) => !format.declares_units).flatMap((format) => format.extensions));
}

function firstOf(items: readonly FileSet[], first: FileSet): FileSet[] {
  return [first, ...items.filter((item) => item !== first)];
}

function isHeader({ path }: PathFile): boolean {
  return /\.hea$/i.test(path);
}

function endingOf({ path }: PathFile): string {
  return /\.[^./]+$/.exec(path)?.[0].toLowerCase() ?? "";
}
