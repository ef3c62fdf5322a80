import { TidemarkError } from './error.ts';

/** Why a checkpoint was not saved or not loaded. */
export type CheckpointTrouble =
  | 'unreachable'
  | 'timeout'
  | 'loading'
  | 'full'
  | 'read-only'
  | 'access-denied'
  /** The certificate of the server or our own. */
  | 'certificate'
  | 'wrong-node'
  | 'refused'
  /** The store holds another state than the one that the change was made for. */
  | 'base-lost'
  /** What is stored lacks a part. */
  | 'incomplete'
  /** What is stored was written by another version of this program. */
  | 'other-layout'
  /** What is stored is not what was written. */
  | 'undecodable'
  | 'closed';

/** A checkpoint could not be saved or loaded. Never carries a password, nor the command that failed. */
export class CheckpointError extends TidemarkError {
  readonly trouble: CheckpointTrouble;

  constructor(trouble: CheckpointTrouble, message: string, remedy: string) {
    super(`CHECKPOINT_${trouble.toUpperCase().replaceAll('-', '_')}`, message, remedy);
    this.name = 'CheckpointError';
    this.trouble = trouble;
  }
}

export function baseLost(partition: number): CheckpointError {
  return new CheckpointError(
    'base-lost',
    `The store does not hold the checkpoint of partition ${partition} that this change goes on top of.`,
    'The next checkpoint is saved whole; nothing else is to be done.',
  );
}
