import { CsvCodec } from './csv-codec.ts';
import type { FieldNames } from './field-names.ts';
import { JsonCodec } from './json-codec.ts';
import type { SymbolTable } from './symbol-table.ts';
import type { TimeUnit } from './event-time.ts';
import type { TradeBatch } from './trade-batch.ts';

/** How trades are written in the input. */
export interface CodecOptions {
  readonly format: 'csv' | 'json';
  /** Where the parts of a trade are; what is left out is found by its usual names or places. */
  readonly fields: FieldNames;
  /** CSV: one character. */
  readonly delimiter: string;
  /** CSV: whether the first record names the columns; `auto` looks at it. */
  readonly header: 'auto' | 'present' | 'absent';
  readonly timeUnit: TimeUnit;
  readonly priceDecimals: number;
  readonly quantityDecimals: number;
  /** Whether volume is measured. If not, quantities are not read, and a record may do without. */
  readonly withQuantity: boolean;
}

/** Bytes in, columns out. */
export interface TradeCodec {
  /** Decodes the record in `bytes[start, end)`: adds a row to `batch`, or a rejection. */
  decode(bytes: Uint8Array, start: number, end: number, batch: TradeBatch): void;
  /**
   * For input that is a file or a stream: looks at its first record. Returns whether that is a header, which is
   * no trade; throws a HeaderError when it should name the columns and does not.
   */
  takeHeader(bytes: Uint8Array, start: number, end: number): boolean;
}

export function tradeCodec(options: CodecOptions, symbols: SymbolTable): TradeCodec {
  return options.format === 'csv' ? new CsvCodec(options, symbols) : new JsonCodec(options, symbols);
}
