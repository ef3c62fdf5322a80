import { CsvCodec } from './csv-codec.ts';
import type { FieldNames } from './field-names.ts';
import { JsonCodec } from './json-codec.ts';
import { RegisteredCodec } from './registered-codec.ts';
import type { Schemas } from './schemas.ts';
import type { SymbolTable } from './symbol-table.ts';
import type { TimeUnit } from './event-time.ts';
import type { TradeBatch } from './trade-batch.ts';

/** How trades are written in the input. */
export interface CodecOptions {
  readonly format: 'csv' | 'json' | 'avro' | 'protobuf';
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
  /** Avro and Protobuf: a whole number counts in 10^-scale where its schema does not say; 0 if left out. */
  readonly priceScale?: number;
  readonly quantityScale?: number;
  /** Avro and Protobuf: where records' schemas are found. */
  readonly schemas?: Schemas | undefined;
}

/** Where records are in some bytes, in columns. */
export interface RecordPlaces {
  /** -1 for one without a value. */
  readonly start: Int32Array;
  readonly end: Int32Array;
}

/** Bytes in, columns out. */
export interface TradeCodec {
  /**
   * Decodes the record in `bytes[start, end)`: adds rows to `batch`, or rejections, one for each of its trades; or
   * nothing but the id of a schema that is needed first.
   */
  decode(bytes: Uint8Array, start: number, end: number, batch: TradeBatch): void;
  /** The same for a Kafka message, which may hold several lines of CSV. */
  decodeMessage(bytes: Uint8Array, start: number, end: number, batch: TradeBatch): void;
  /**
   * Hot path: decodes the records with the numbers `[from, to)` as long as each of them is one trade that is written in
   * a plain way: a row for each. Returns the number of the first that is left for `decode` or `decodeMessage`.
   */
  decodePlain(bytes: Uint8Array, places: RecordPlaces, from: number, to: number, batch: TradeBatch): number;
  /**
   * For input that is a file or a stream: looks at its first record. Returns whether that is a header, which is
   * no trade; throws a HeaderError when it should name the columns and does not.
   */
  takeHeader(bytes: Uint8Array, start: number, end: number): boolean;
}

export function tradeCodec(options: CodecOptions, symbols: SymbolTable): TradeCodec {
  if (options.format === 'csv') return new CsvCodec(options, symbols);
  return options.format === 'json' ? new JsonCodec(options, symbols) : new RegisteredCodec(options, symbols);
}
