/**
 * Places for open streams, shared by all tabs. A browser opens at most six connections to a host over HTTP/1.1; were
 * each tab to hold a stream, the seventh tab could not load at all. So two streams at most are open in the browser, and
 * that of the tray (`tray/feed.ts`).
 */

const SLOTS = 2;

/** Take a place and return what gives it back; null where all are taken or the browser has no locks. */
export async function takeSlot(): Promise<(() => void) | null> {
  if (!("locks" in navigator) || navigator.locks === undefined) return null;
  for (let slot = 1; slot <= SLOTS; slot++) {
    const release = await request(`exchangeai-stream-${slot}`);
    if (release) return release;
  }
  return null;
}

function request(name: string): Promise<(() => void) | null> {
  return new Promise((resolve) => {
    void navigator.locks.request(name, { ifAvailable: true }, (lock) => {
      if (!lock) return resolve(null);
      return new Promise<void>((release) => resolve(release));
    });
  });
}
