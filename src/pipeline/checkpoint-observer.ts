import type { CheckpointTrouble } from './checkpoint-error.ts';

/** Told of what a store has done, for metrics; each call is cheap and none fails. */
export interface CheckpointObserver {
  /** A checkpoint was saved or loaded; `bytes` as they went over the wire, without names of keys and commands. */
  done(verb: 'save' | 'load', bytes: number, tookMs: number): void;
  failed(verb: 'save' | 'load', trouble: CheckpointTrouble): void;
}
