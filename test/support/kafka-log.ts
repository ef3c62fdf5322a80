import type { Logger } from '../../src/kafka/log-creator.ts';

/** Keeps what is logged at warn and error, for tests to look at; prints nothing. */
export class KeptLog implements Logger {
  readonly kept: string[] = [];

  debug(): void {
    // Not kept.
  }

  info(): void {
    // Not kept.
  }

  warn(_fields: object, message: string): void {
    this.kept.push(`warn: ${message}`);
  }

  error(_fields: object, message: string): void {
    this.kept.push(`error: ${message}`);
  }
}
