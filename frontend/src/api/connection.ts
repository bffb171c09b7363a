/** Whether the platform answers. Requests report what they meet; while it is down, a probe asks until it is back. */

const PROBE_MS = 2500;

let down = false;
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

export function isDown(): boolean {
  return down;
}

export function onConnectionChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function reportReachable(): void {
  change(false);
}

export function reportUnreachable(): void {
  change(true);
  schedule();
}

function change(next: boolean): void {
  if (!next) {
    clearTimeout(timer);
    timer = undefined;
  }
  if (down === next) return;
  down = next;
  for (const listener of listeners) listener();
}

function schedule(): void {
  if (timer !== undefined) return;
  timer = setTimeout(async () => {
    timer = undefined;
    try {
      const response = await fetch("/api/v1/health", { cache: "no-store" });
      if (response.ok) return change(false);
    } catch {
      // Still down: ask again.
    }
    if (down) schedule();
  }, PROBE_MS);
}
