/** Files wait here until it is known how they are to be read: one batch after the other, and none is ever lost. */

import type { FileSet, PathFile } from "@/lib/files";
import { type Declared, USUAL } from "./declared";

/** Files that came together, and those of them that a person is asked about. */
export type Batch = { number: number; files: readonly PathFile[]; asked: readonly FileSet[] };

export type IntakeState = {
  /** What holds for files that do not say it themselves. */
  declared: Declared;
  /** Files are being looked into. */
  looking: boolean;
  /** The batch a person is being asked about. */
  open: Batch | null;
  /** How many files were left out of the platform because the person said so. */
  leftOut: number;
  /** Why files could not be taken. */
  problem: Error | null;
};

/** Returns the files to ask about; none: the batch needs no declaration. */
export type Look = (files: readonly PathFile[], declared: Declared) => Promise<readonly FileSet[]>;
export type Intake = ReturnType<typeof createIntake>;

export function createIntake(look: Look, send: (files: readonly PathFile[], declared: Declared) => void) {
  let state: IntakeState = { declared: USUAL, looking: false, open: null, leftOut: 0, problem: null };
  const waiting: (readonly PathFile[])[] = [];
  let batches = 0;
  const listeners = new Set<() => void>();

  const set = (change: Partial<IntakeState>) => {
    state = { ...state, ...change };
    for (const listener of listeners) listener();
  };

  async function next(): Promise<void> {
    if (state.looking || state.open) return;
    const files = waiting.shift();
    if (!files) return;
    set({ looking: true });
    try {
      const asked = await look(files, state.declared);
      if (asked.length > 0) set({ open: { number: ++batches, files, asked } });
      else send(files, state.declared);
    } catch (error) {
      set({ problem: error instanceof Error ? error : new Error(String(error)) });
    }
    set({ looking: false });
    void next();
  }

  return {
    state: () => state,
    declare: (declared: Declared) => set({ declared }),
    fail: (problem: Error) => set({ problem }),
    add: (files: readonly PathFile[]) => {
      waiting.push(files);
      set({ leftOut: 0, problem: null });
      void next();
    },
    /** Take the open batch in as declared; what is declared holds from now on. */
    accept: (declared: Declared) => {
      const batch = state.open;
      set({ open: null, declared });
      if (batch) send(batch.files, declared);
      void next();
    },
    /** Leave the open batch out. */
    cancel: () => {
      set({ open: null, leftOut: state.leftOut + (state.open?.files.length ?? 0) });
      void next();
    },
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
