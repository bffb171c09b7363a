/** What is being deleted is in no list any more, though the platform still has it: every answer passes by here. */

const gone = new Set<string>();

/** Ids are unique over all kinds of things, so one set does for all lists. */
export function hide(id: string): void {
  gone.add(id);
}

export function showAgain(id: string): void {
  gone.delete(id);
}

/** A list, or a page of one, without what is being deleted; anything else, and a list without such, as it is. */
export function without<T>(data: T): T {
  if (gone.size === 0 || typeof data !== "object" || data === null) return data;
  if (Array.isArray(data)) return (data.every(stays) ? data : data.filter(stays)) as T;
  const page = data as { items?: unknown; total?: unknown };
  if (!Array.isArray(page.items) || page.items.every(stays)) return data;
  const items = page.items.filter(stays);
  const less = page.items.length - items.length;
  return { ...data, items, ...(typeof page.total === "number" && { total: page.total - less }) };
}

function stays(item: unknown): boolean {
  if (typeof item !== "object" || item === null) return true;
  const { id, recording_id: recording } = item as Record<string, unknown>;
  return !gone.has(String(id)) && !gone.has(String(recording)); // what is said of a recording goes with it
}
