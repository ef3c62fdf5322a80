import { AvroReader } from './avro-reader.ts';
import type { CodecOptions, RecordPlaces, TradeCodec } from './codec.ts';
import { FieldReader } from './field-reader.ts';
import { ProtobufReader } from './protobuf-reader.ts';
import type { KnownSchema } from './schemas.ts';
import type { SymbolTable } from './symbol-table.ts';
import type { TradeBatch } from './trade-batch.ts';

/** Reads the records of one schema. */
export interface RecordReader {
  /** The record is `bytes[start, end)`; what the schema describes begins at `bodyStart`. */
  decode(bytes: Uint8Array, start: number, bodyStart: number, end: number, batch: TradeBatch): void;
}

/**
 * Trades in Avro or Protobuf, framed as the serializers of Confluent do it: a zero byte, the id of the schema in four
 * bytes, the highest first, and then what the schema describes. Hot path: the bytes are read where they lie, and of a
 * record only what is needed.
 */
export class RegisteredCodec implements TradeCodec {
  readonly #options: CodecOptions;
  readonly #symbols: SymbolTable;
  readonly #rejecter: FieldReader;
  readonly #readers = new Map<number, RecordReader>();
  /** Of the record before: nearly always the same. */
  #lastId = -1;
  #lastReader: RecordReader | undefined;

  constructor(options: CodecOptions, symbols: SymbolTable) {
    this.#options = options;
    this.#symbols = symbols;
    this.#rejecter = new FieldReader(options, symbols);
  }

  takeHeader(): boolean {
    return false;
  }

  decode(bytes: Uint8Array, start: number, end: number, batch: TradeBatch): void {
    if (end - start < FRAME_BYTES || bytes[start] !== MAGIC) {
      const found =
        end === start ? 'it is empty' : `it begins with byte ${bytes[start]}, not 0 and four of an id`;
      this.#reject('not-framed', found, start, end, batch);
      return;
    }
    const id =
      ((bytes[start + 1] << 24) | (bytes[start + 2] << 16) | (bytes[start + 3] << 8) | bytes[start + 4]) >>>
      0;
    const reader = id === this.#lastId ? this.#lastReader : this.#readerOf(id);
    if (reader !== undefined) reader.decode(bytes, start, start + FRAME_BYTES, end, batch);
    else this.#decodeWithout(id, start, end, batch);
  }

  decodeMessage(bytes: Uint8Array, start: number, end: number, batch: TradeBatch): void {
    this.decode(bytes, start, end, batch);
  }

  decodePlain(_bytes: Uint8Array, _places: RecordPlaces, from: number): number {
    return from;
  }

  #readerOf(id: number): RecordReader | undefined {
    let reader = this.#readers.get(id);
    if (reader === undefined) {
      const schema = this.#options.schemas?.get(id);
      if (schema?.format !== this.#options.format) return undefined;
      reader = this.#newReader(id, schema);
      if (reader === undefined) return undefined;
      this.#readers.set(id, reader);
    }
    this.#lastId = id;
    this.#lastReader = reader;
    return reader;
  }

  #newReader(id: number, schema: KnownSchema): RecordReader | undefined {
    if (schema.format === 'avro') return new AvroReader(id, schema.type, this.#options, this.#symbols);
    if (schema.format === 'protobuf')
      return new ProtobufReader(id, schema.messages, this.#options, this.#symbols);
    return undefined;
  }

  /** The schema is not known yet, or there is none that would do. */
  #decodeWithout(id: number, start: number, end: number, batch: TradeBatch): void {
    const schema = this.#options.schemas?.get(id);
    if (schema === undefined) batch.schemaNeeded = id;
    else if (schema.format !== 'none') {
      const found = `${id} is of ${schema.format}, and input.format is ${this.#options.format}`;
      this.#reject('schema-unusable', found, start, end, batch);
    } else if (schema.code === 'schema-unknown') this.#reject(schema.code, String(id), start, end, batch);
    else this.#reject(schema.code, `${id} ${schema.why}`, start, end, batch);
  }

  #reject(
    code: 'not-framed' | 'schema-unknown' | 'schema-unusable',
    found: string,
    start: number,
    end: number,
    batch: TradeBatch,
  ): void {
    this.#rejecter.begin(start);
    this.#rejecter.reject(code, found, code === 'not-framed' ? start : start + 1);
    this.#rejecter.finish(end, batch, String);
  }
}

const MAGIC = 0;
const FRAME_BYTES = 5;
