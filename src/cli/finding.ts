import { TidemarkError } from '../pipeline/error.ts';

/** One thing that was looked at. */
export interface Finding {
  readonly subject: string;
  readonly ok: boolean;
  /** What is wrong, or what was found. */
  readonly message: string;
  /** What to do; only where something is wrong. */
  readonly remedy?: string;
  readonly code?: string;
}

export function good(subject: string, message: string): Finding {
  return { subject, ok: true, message };
}

/** Anything but a TidemarkError is a mistake of ours and goes on as it is. */
export function bad(subject: string, error: unknown): Finding {
  if (!(error instanceof TidemarkError)) throw error;
  return { subject, ok: false, message: error.message, remedy: error.remedy, code: error.code };
}
