import { avroActions, type AvroAction } from './avro-actions.ts';
import { blockCount, chosen } from './avro-blocks.ts';
import type { AvroRecord, AvroType } from './avro-type.ts';
import type { CodecOptions } from './codec.ts';
import { FieldReader } from './field-reader.ts';
import type { RecordReader } from './registered-codec.ts';
import type { Field } from './rejection.ts';
import type { SymbolTable } from './symbol-table.ts';
import type { TradeBatch } from './trade-batch.ts';
import { WireCursor } from './wire-cursor.ts';

/**
 * Reads trades of one Avro schema (Avro 1.12, "Binary Encoding"): a record is a trade, an array of records several. A
 * row of actions is made of a schema once: the fields of a trade are read into their columns, others are passed over.
 */
export class AvroReader implements RecordReader {
  readonly #id: number;
  readonly #root: AvroType;
  readonly #cursor = new WireCursor();
  readonly #reader: FieldReader;
  /** What is done with a record that is a trade, and with any other value: it is passed over. */
  readonly #actions: {
    readonly ofTrade: (record: AvroRecord) => readonly AvroAction[];
    readonly skip: AvroAction;
  };
  readonly #fieldNames: CodecOptions['fields'];

  constructor(id: number, root: AvroType, options: CodecOptions, symbols: SymbolTable) {
    this.#id = id;
    this.#root = root;
    this.#reader = new FieldReader(options, symbols);
    this.#actions = avroActions(root, this.#reader, options);
    this.#fieldNames = options.fields;
  }

  decode(bytes: Uint8Array, start: number, bodyStart: number, end: number, batch: TradeBatch): void {
    const cursor = this.#cursor.open(bytes, bodyStart, end);
    const root = chosen(this.#root, cursor);
    if (root?.kind === 'record') this.#decodeRecord(root, start, end, batch);
    else if (root?.kind === 'array') this.#decodeArray(root.items, start, bodyStart, end, batch);
    else
      this.#rejectWhole('schema-unusable', 'describes no record, and no array of records', start, end, batch);
  }

  #decodeRecord(record: AvroRecord, start: number, end: number, batch: TradeBatch): void {
    const cursor = this.#cursor;
    this.#reader.begin(start);
    for (const act of this.#actions.ofTrade(record)) act(cursor);
    if (cursor.broken || cursor.at !== end) this.#rejectWhole('malformed', '', start, end, batch);
    else this.#reader.finish(end, batch, this.#whereMissing);
  }

  /** Nothing of an array counts unless all of it can be read: where one element ends the next begins. */
  #decodeArray(items: AvroType, start: number, bodyStart: number, end: number, batch: TradeBatch): void {
    const cursor = this.#cursor.open(this.#cursor.bytes, bodyStart, end);
    this.#actions.skip(cursor);
    if (cursor.broken || cursor.at !== end) {
      this.#rejectWhole('malformed', '', start, end, batch);
      return;
    }
    chosen(this.#root, cursor.open(cursor.bytes, bodyStart, end));
    const blocksStart = cursor.at;
    const row = batch.length;
    let index = 0;
    for (let left = blockCount(cursor); left > 0; left = blockCount(cursor)) {
      // Elements without a byte are no trades, and a few bytes may say that there are billions.
      if (left > end - cursor.at) {
        this.#rejectWhole('schema-unusable', 'describes an array of nothing', start, end, batch);
        return;
      }
      for (; left > 0; left--) this.#decodeElement(items, index++, batch);
    }
    if (batch.length > row) batch.arrays.push({ row, rowEnd: batch.length, start, blocksStart });
  }

  #decodeElement(items: AvroType, index: number, batch: TradeBatch): void {
    const cursor = this.#cursor;
    this.#reader.begin(cursor.at, index);
    const item = chosen(items, cursor);
    if (item?.kind === 'record') for (const act of this.#actions.ofTrade(item)) act(cursor);
    else {
      this.#reader.reject('schema-unusable', `${this.#id} describes no array of records`, cursor.at);
    }
    this.#reader.finish(cursor.at, batch, this.#whereMissing);
  }

  #rejectWhole(
    code: 'malformed' | 'schema-unusable',
    why: string,
    start: number,
    end: number,
    batch: TradeBatch,
  ): void {
    this.#reader.begin(start);
    this.#reader.reject(code, `${this.#id} ${why}`.trimEnd(), Math.min(this.#cursor.at, end));
    this.#reader.finish(end, batch, this.#whereMissing);
  }

  readonly #whereMissing = (field: Field): string => whereMissing(field, this.#fieldNames, this.#id);
}

/** For a reason: where a field was looked for that the schema does not have. */
export function whereMissing(field: Field, names: CodecOptions['fields'], id: number): string {
  const configured = names[field];
  return configured === undefined
    ? `no field of the schema ${id} has one of its usual names; name it in input.fields.${field}`
    : `the schema ${id} has no field "${configured}"`;
}
