import type { Rejection } from '../trade/rejection.ts';

/** Where records go that are counted in no window: dead letters, or late trades. */
export interface RejectOutput {
  /** One entry, as a line of JSON. */
  write(line: string): Promise<void> | void;
  finish(): Promise<void>;
}

/** Where a record stood in a file or a stream. */
export interface RecordPlace {
  readonly source: string;
  /** From 1; anew after a cut, for a file that took the place of another. */
  readonly line: number;
  /** In bytes of the (decompressed) stream, from 0; anew after a cut. */
  readonly offset: number;
}

export interface DeadLetter extends RecordPlace {
  /** Place of the fault in the record, in bytes from 1. */
  readonly column: number;
  readonly code: Rejection['code'];
  readonly reason: string;
  /** The record as it came. */
  readonly bytes: Uint8Array;
}

export interface LateTrade extends RecordPlace {
  readonly symbol: string;
  readonly timeMs: number;
  readonly watermarkMs: number;
  readonly bytes: Uint8Array;
}

export function deadLetterLine({ source, line, offset, column, code, reason, bytes }: DeadLetter): string {
  return JSON.stringify({ source, line, offset, column, code, reason, ...asIs('record', bytes) });
}

export function lateTradeLine({
  source,
  line,
  offset,
  symbol,
  timeMs,
  watermarkMs,
  bytes,
}: LateTrade): string {
  const reason = 'late: all windows of its time had closed';
  return JSON.stringify({
    source,
    line,
    offset,
    symbol,
    time: timeMs,
    watermark: watermarkMs,
    reason,
    ...asIs('record', bytes),
  });
}

/** The bytes as text in `name`, or in base64 in `nameBase64` where they are none: nothing of a record is lost. */
export function asIs(name: string, bytes: Uint8Array | null): Record<string, string | null> {
  try {
    return { [name]: bytes === null ? null : STRICT_TEXT.decode(bytes) };
  } catch {
    return { [`${name}Base64`]: Buffer.from(bytes ?? []).toString('base64') }; // `fatal` throws: they are no UTF-8
  }
}

const STRICT_TEXT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
