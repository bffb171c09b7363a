/** Which of the picked files may leave rate, unit or leads open: the server judges by content, this only whom to ask. */

import type { Preview, System } from "@/api/types";
import { stem } from "@/lib/chunks";
import { isHidden, type PathFile } from "@/lib/files";

const ARCHIVE = /\.(zip|tar|tgz|gz|bz2|xz)$/i;
/** Asking sends the whole file. */
const LARGEST = 64 * 1024 ** 2;
const MOST_ENDINGS = 8;
/** The first file of an ending may be broken; a few more stand in for it. */
const EACH = 3;

/** The first files of each ending that may need a declaration; a record with a WFDB header needs none. */
export function candidates(files: readonly PathFile[], formats: System["formats"]): PathFile[] {
  const open = new Set(formats.filter((format) => !format.declares_units).flatMap((format) => format.extensions));
  const headers = new Set(files.filter(({ path }) => /\.hea$/i.test(path)).map(({ path }) => stem(path)));
  const found = new Map<string, PathFile[]>();
  for (const item of files) {
    const ending = endingOf(item);
    const known = found.get(ending) ?? [];
    if (!open.has(ending) && !ARCHIVE.test(ending)) continue;
    if (known.length === EACH || (known.length === 0 && found.size === MOST_ENDINGS)) continue;
    if (isHidden(item.path) || headers.has(stem(item.path))) continue;
    if (item.file.size === 0 || item.file.size > LARGEST) continue;
    found.set(ending, [...known, item]);
  }
  return [...found.values()].flat();
}

/**
 * The candidates to show to the person, the doubtful one first; none where each ending says all by itself. One that
 * cannot be read is shown as well, unless another is in doubt: declared differently, it may be readable.
 */
export async function doubtful(
  asked: readonly PathFile[],
  preview: (item: PathFile) => Promise<Pick<Preview, "left_open" | "error">>,
): Promise<PathFile[]> {
  const clear = new Set<string>();
  let refused: PathFile | undefined;
  for (const item of asked) {
    if (clear.has(endingOf(item))) continue;
    const seen = await preview(item).catch(() => null);
    if (seen === null || seen.error) refused ??= item;
    else if (seen.left_open.length > 0) return firstOf(asked, item);
    else clear.add(endingOf(item));
  }
  return refused ? firstOf(asked, refused) : [];
}

function firstOf(items: readonly PathFile[], first: PathFile): PathFile[] {
  return [first, ...items.filter((item) => item !== first)];
}

function endingOf({ path }: PathFile): string {
  return /\.[^./]+$/.exec(path)?.[0].toLowerCase() ?? "";
}
