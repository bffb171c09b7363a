/**
 * Readings on their way to the platform. Each is kept in the browser's storage before the page goes on, sent in turn,
 * and taken out when the platform says that it is kept. What cannot be sent waits and is sent again; what is refused
 * stays until a person decides. Nothing is ever dropped by itself.
 */

import { ApiError } from "@/api/client";
import type { ReadingIn } from "@/api/types";

export type Sent = {
  id: string;
  projectId: string;
  labelSetId: string;
  reader: string;
  body: ReadingIn;
  /** Orders readings of all windows: ms, and a count within. */
  place: number;
};
export type Refused = Sent & { message: string; conflict: boolean };
export type News = { waiting: number; failing: boolean; stored: boolean; refused: readonly Refused[] };

type Parts = {
  storage: Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;
  send: (one: Sent) => Promise<unknown>;
  later?: (call: () => void, ms: number) => unknown;
};

const PREFIX = "exchangeai-reading:";
const FIRST_MS = 500;
const LONGEST_MS = 8000;

/** Readings of one reader (or of all who adjudicate) on one recording follow each other: they are one slot. */
export function slotOf(one: Pick<Sent, "labelSetId" | "reader"> & { body: Pick<ReadingIn, "recording_id" | "role"> }) {
  const who = one.body.role === "adjudicator" ? "adjudicator" : `reader ${one.reader}`;
  return `${one.labelSetId} ${one.body.recording_id} ${who}`;
}

export class Outbox {
  private waiting: Sent[] = [];
  private refused: Refused[] = [];
  private said = new Map<string, Sent>();
  private listeners = new Set<() => void>();
  private sending = false;
  private failures = 0;
  private stored = true;
  private count = 0;
  private told: News = { waiting: 0, failing: false, stored: true, refused: [] };

  constructor(private readonly parts: Parts) {
    const { storage } = parts;
    for (let index = 0; index < storage.length; index++) {
      const key = storage.key(index);
      const text = key?.startsWith(PREFIX) ? storage.getItem(key) : null;
      if (text) this.waiting.push(JSON.parse(text) as Sent);
    }
    this.waiting.sort((a, b) => a.place - b.place);
    for (const one of this.waiting) this.said.set(slotOf(one), one);
    this.tell();
  }

  /** Keep a reading and send it as soon as its turn comes. */
  add(one: Omit<Sent, "place">): void {
    this.count += 1;
    const kept = { ...one, place: Date.now() * 1000 + (this.count % 1000) };
    this.store(kept);
    this.waiting.push(kept);
    this.said.set(slotOf(kept), kept);
    this.tell();
    void this.flush();
  }

  /** The last that was said here in a slot, kept by the platform or still on its way. */
  last(slot: string): Sent | undefined {
    return this.said.get(slot);
  }

  /** Send what waits, in turn, until nothing does or the platform does not answer. */
  async flush(): Promise<void> {
    if (this.sending) return;
    this.sending = true;
    try {
      for (let one = this.waiting[0]; one; one = this.waiting[0]) {
        try {
          await this.parts.send(one);
        } catch (problem) {
          if (!(problem instanceof ApiError) || problem.status >= 500 || problem.status === 0) {
            this.failures += 1;
            this.tell();
            const wait = Math.min(LONGEST_MS, FIRST_MS * 2 ** (this.failures - 1));
            (this.parts.later ?? setTimeout)(() => void this.flush(), wait);
            return;
          }
          this.refuse(one, problem);
          continue;
        }
        this.failures = 0;
        this.waiting.shift();
        this.parts.storage.removeItem(PREFIX + one.id);
        this.tell();
      }
    } finally {
      this.sending = false;
    }
  }

  /** Let go of a reading that was refused: a person has decided against it. */
  discard(id: string): void {
    for (const one of this.refused.filter((each) => each.id === id)) this.parts.storage.removeItem(PREFIX + one.id);
    this.refused = this.refused.filter((one) => one.id !== id);
    this.tell();
  }

  /** Say what was refused again, under a new id, in place of what the platform has now. */
  sayAgain(id: string, newId: string, replaces: string | null): void {
    const one = this.refused.find((each) => each.id === id);
    if (!one) return;
    const { projectId, labelSetId, reader, body } = one;
    this.add({ id: newId, projectId, labelSetId, reader, body: { ...body, replaces } });
    this.discard(id);
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  news = (): News => this.told;

  /** Whoever refused one of a slot refuses those after it too: the last one stands for all of them. */
  private refuse(one: Sent, problem: ApiError): void {
    const slot = slotOf(one);
    const same = this.waiting.filter((each) => slotOf(each) === slot);
    const last = same.at(-1) ?? one;
    for (const each of same) if (each.id !== last.id) this.parts.storage.removeItem(PREFIX + each.id);
    this.waiting = this.waiting.filter((each) => slotOf(each) !== slot);
    this.said.delete(slot);
    this.refused.push({ ...last, message: problem.message, conflict: problem.status === 409 });
    this.tell();
  }

  private store(one: Sent): void {
    try {
      this.parts.storage.setItem(PREFIX + one.id, JSON.stringify(one));
    } catch {
      this.stored = false; // No room, or not allowed: it waits in this window alone, and the page says so.
    }
  }

  private tell(): void {
    this.told = {
      waiting: this.waiting.length,
      failing: this.failures > 0,
      stored: this.stored || this.waiting.length === 0,
      refused: this.refused,
    };
    for (const listener of this.listeners) listener();
  }
}

/** Whether readings of an earlier visit are still to be sent. */
export function someWait(storage: Storage = localStorage): boolean {
  return Object.keys(storage).some((key) => key.startsWith(PREFIX));
}
