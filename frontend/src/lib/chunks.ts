/** Cuts a pile of files into uploads. Files of one stem travel together: a WFDB record is a .hea with its .dat. */

import type { PathFile } from "./files";

export const CHUNK_FILES = 64;
export const CHUNK_BYTES = 16 * 1024 * 1024;

export function stem(path: string): string {
  const name = path.lastIndexOf("/") + 1;
  const dot = path.lastIndexOf(".");
  return dot > name ? path.slice(0, dot) : path;
}

/** Chunks in the order of paths, each within the limits unless a single set of files is larger by itself. */
export function toChunks(files: readonly PathFile[], maxFiles = CHUNK_FILES, maxBytes = CHUNK_BYTES): PathFile[][] {
  const sets = new Map<string, PathFile[]>();
  for (const file of files) {
    const key = stem(file.path);
    const set = sets.get(key);
    if (set) set.push(file);
    else sets.set(key, [file]);
  }
  const chunks: PathFile[][] = [];
  let chunk: PathFile[] = [];
  let size = 0;
  for (const [, set] of [...sets].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const setBytes = set.reduce((sum, { file }) => sum + file.size, 0);
    if (chunk.length > 0 && (chunk.length + set.length > maxFiles || size + setBytes > maxBytes)) {
      chunks.push(chunk);
      chunk = [];
      size = 0;
    }
    chunk.push(...set);
    size += setBytes;
  }
  if (chunk.length > 0) chunks.push(chunk);
  return chunks;
}
