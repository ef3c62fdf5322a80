/** How a process ends, for scripts around it; the README lists them. */
export const EXIT = {
  ok: 0,
  /** Something outside failed: a disk, a network, a broken promise of the system's. */
  failed: 1,
  /** The command line or the pipeline file is wrong; nothing was read or written. */
  usage: 2,
  /** The input is missing, unreadable or ends before its end; what was read has been processed. */
  input: 3,
  /** A finite input was interrupted with Ctrl-C before its end. */
  interrupted: 130,
} as const;

/** An error that a person can act on: what was expected, what was found, where, and what to do. */
export class TidemarkError extends Error {
  /** Stable, for programs: `INPUT_MISSING`, `INPUT_TRUNCATED`, ... */
  readonly code: string;
  /** What to do about it, as a sentence. */
  readonly remedy: string;
  readonly exitCode: number;

  constructor(
    code: string,
    message: string,
    remedy: string,
    options: { exitCode?: number; cause?: unknown } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'TidemarkError';
    this.code = code;
    this.remedy = remedy;
    this.exitCode = options.exitCode ?? EXIT.failed;
  }
}
