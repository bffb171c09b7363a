/**
 * Deletions that can be undone. What is deleted is out of all lists at once; the platform is asked to delete it when the
 * time for an undo is over or the page is left, whichever is first. Until the platform has said that it is gone, the
 * deletion is kept in the browser's storage: one that was cut short is finished or told at the next visit.
 */

import { t } from "@lingui/core/macro";
import { ApiError, deleteAt } from "./client";
import { hide, showAgain } from "./removed";
import type { paths } from "./schema";

type Deletable = { [Path in keyof paths]: paths[Path] extends { delete: object } ? Path : never }[keyof paths];

/** What can be deleted and brought back, by the path at which it is deleted. */
const PATHS = {
  recording: "/api/v1/projects/{project_id}/recordings/{recording_id}",
  dataset: "/api/v1/projects/{project_id}/datasets/{dataset_id}",
  label_set: "/api/v1/projects/{project_id}/annotations/{label_set_id}",
  run: "/api/v1/projects/{project_id}/runs/{run_id}",
  prediction: "/api/v1/projects/{project_id}/predictions/{prediction_id}",
  evaluation: "/api/v1/projects/{project_id}/evaluations/{evaluation_id}",
  comparison: "/api/v1/projects/{project_id}/comparisons/{comparison_id}",
  explanation: "/api/v1/projects/{project_id}/explanations/{explanation_id}",
  drift_check: "/api/v1/projects/{project_id}/drift-checks/{check_id}",
  view: "/api/v1/projects/{project_id}/views/{view_id}",
  transfer: "/api/v1/projects/{project_id}/transfers/{transfer_id}",
} satisfies Record<string, Deletable>;

export type Thing = { kind: keyof typeof PATHS; projectId: string; id: string; name: string };

/** `waiting`: it can be undone; `asked`: the platform deletes it; `kept`: it is still there, and `why`. */
export type Removal = Thing & { state: "waiting" | "asked" | "kept"; why: string };

type Kept = Thing & { asked: boolean; until: number };
type Parts = { storage: Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">; send: typeof deleteAt };

export const UNDO_MS = 10_000;
const PREFIX = "exchangeai-removal:";
const LATE_MS = 60_000; // after which another tab that would still wait is taken to be gone

export const pathOf = ({ kind, projectId, id }: Thing): string =>
  PATHS[kind].replace("{project_id}", encodeURIComponent(projectId)).replace(/\{\w+\}/, encodeURIComponent(id));

export class Removals {
  private items: readonly Removal[] = [];
  private timers = new Map<string, ReturnType<typeof setTimeout>>();
  private held = false;
  private listeners = new Set<() => void>();

  constructor(private readonly parts: Parts) {}

  /** Delete, unless it is undone in time. */
  remove(thing: Thing): void {
    hide(thing.id);
    this.keep(thing, false);
    this.set([...this.without(thing.id), { ...thing, state: "waiting", why: "" }]);
    this.wait(thing.id);
  }

  undo(id: string): void {
    if (this.find(id)?.state !== "waiting") return;
    this.drop(id);
  }

  /** Ask for the deletion of what is still there again. */
  again(id: string): void {
    const one = this.find(id);
    if (one?.state !== "kept") return;
    hide(id);
    void this.ask(one);
  }

  /** Let what is still there be. */
  dismiss(id: string): void {
    if (this.find(id)?.state === "kept") this.drop(id);
  }

  /** Whoever is about to press “Undo” has the time to. */
  hold(held: boolean): void {
    this.held = held;
    for (const { id, state } of this.items) if (state === "waiting") this.wait(id);
  }

  /** The page is left, or nobody is signed in any more: no undo from here on. */
  async leave(): Promise<void> {
    await Promise.all(this.items.filter(({ state }) => state === "waiting").map((one) => this.ask(one)));
  }

  /** Finish what was asked for on an earlier visit, and tell of what never was. */
  resume(now: number = Date.now()): void {
    for (const { asked, until, ...thing } of this.stored()) {
      if (this.find(thing.id)) continue;
      if (asked) {
        hide(thing.id);
        void this.ask({ ...thing, state: "asked", why: "" });
      } else if (until + LATE_MS < now) {
        const why = t`The browser was closed before it was deleted.`;
        this.set([...this.items, { ...thing, state: "kept", why }]);
      } // else it waits in another tab
    }
  }

  list = (): readonly Removal[] => this.items;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private wait(id: string): void {
    clearTimeout(this.timers.get(id));
    if (this.held) return;
    const end = () => {
      const one = this.find(id);
      if (one?.state === "waiting") void this.ask(one);
    };
    this.timers.set(id, setTimeout(end, UNDO_MS));
  }

  private async ask(one: Removal): Promise<void> {
    this.keep(one, true);
    this.set([...this.without(one.id), { ...one, state: "asked", why: "" }]);
    try {
      await this.parts.send(pathOf(one));
    } catch (problem) {
      if (!(problem instanceof ApiError && problem.status === 404)) {
        this.parts.storage.removeItem(PREFIX + one.id);
        showAgain(one.id);
        const why = problem instanceof Error ? problem.message : String(problem);
        return this.set([...this.without(one.id), { ...one, state: "kept", why }]);
      } // it is gone already
    }
    this.drop(one.id);
  }

  private drop(id: string): void {
    clearTimeout(this.timers.get(id));
    this.timers.delete(id);
    this.parts.storage.removeItem(PREFIX + id);
    showAgain(id);
    this.set(this.without(id));
  }

  private keep({ kind, projectId, id, name }: Thing, asked: boolean): void {
    const kept: Kept = { kind, projectId, id, name, asked, until: Date.now() + UNDO_MS };
    try {
      this.parts.storage.setItem(PREFIX + id, JSON.stringify(kept));
    } catch {
      // No room: it is deleted all the same, only what is cut short is not told.
    }
  }

  private stored(): Kept[] {
    const { storage } = this.parts;
    const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index));
    return keys.filter((key) => key?.startsWith(PREFIX)).map((key) => JSON.parse(storage.getItem(key ?? "") ?? ""));
  }

  private find(id: string): Removal | undefined {
    return this.items.find((one) => one.id === id);
  }

  private without(id: string): Removal[] {
    return this.items.filter((one) => one.id !== id);
  }

  private set(items: readonly Removal[]): void {
    this.items = items;
    if (!items.some(({ state }) => state === "waiting")) this.held = false; // what was under the pointer is gone
    for (const listener of this.listeners) listener();
  }
}

export const removals = new Removals({ storage: localStorage, send: deleteAt });
