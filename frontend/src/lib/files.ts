/** Files a person drops or picks, folders included, with their paths inside what was dropped. */

export type PathFile = { path: string; file: File };

/** A file with those that are read with it, such as a header with the data it names. */
export type FileSet = PathFile & { beside?: readonly PathFile[] };

/** Files of system software that nobody means to upload. */
export function isHidden(path: string): boolean {
  return path.split("/").some((part) => part.startsWith(".") || part === "__MACOSX" || part === "Thumbs.db");
}

/** Files of an `<input type="file">`, with the folder's path where a folder was picked. */
export function fromInput(files: Iterable<File>): PathFile[] {
  return [...files].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}

/** Files of a drop; folders are walked to their last level. Must be called while the drop event is handled. */
export async function fromDrop(transfer: DataTransfer): Promise<PathFile[]> {
  const entries: FileSystemEntry[] = [];
  const loose: File[] = [];
  for (const item of transfer.items) {
    if (item.kind !== "file") continue;
    const entry = item.webkitGetAsEntry?.();
    const file = entry ? null : item.getAsFile();
    if (entry) entries.push(entry);
    if (file) loose.push(file);
  }
  const found = fromInput(loose);
  for (const entry of entries) await walk(entry, found);
  return found;
}

async function walk(entry: FileSystemEntry, found: PathFile[]): Promise<void> {
  const path = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    found.push({ path, file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  // A reader hands out at most a hundred entries at a time, until it hands out none.
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (batch.length === 0) return;
    for (const child of batch) await walk(child, found);
  }
}
