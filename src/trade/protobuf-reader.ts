import type { CodecOptions } from './codec.ts';
import { whereMissing } from './avro-reader.ts';
import { FieldReader } from './field-reader.ts';
import { protobufPlan, skipValue, type ProtobufPlan } from './protobuf-plan.ts';
import type { ProtobufMessage } from './protobuf-message.ts';
import type { RecordReader } from './registered-codec.ts';
import type { Field } from './rejection.ts';
import type { SymbolTable } from './symbol-table.ts';
import type { TradeBatch } from './trade-batch.ts';
import { WireCursor } from './wire-cursor.ts';

/**
 * Reads trades of one .proto file (protobuf.dev, "Encoding"): each record is one message of it, which the record names
 * by its place in the file. The fields of a trade are read into their columns, others are passed over.
 */
export class ProtobufReader implements RecordReader {
  readonly #id: number;
  readonly #messages: readonly ProtobufMessage[];
  readonly #options: CodecOptions;
  readonly #cursor = new WireCursor();
  readonly #reader: FieldReader;
  readonly #plans = new Map<ProtobufMessage, ProtobufPlan>();

  constructor(id: number, messages: readonly ProtobufMessage[], options: CodecOptions, symbols: SymbolTable) {
    this.#id = id;
    this.#messages = messages;
    this.#options = options;
    this.#reader = new FieldReader(options, symbols);
  }

  decode(bytes: Uint8Array, start: number, bodyStart: number, end: number, batch: TradeBatch): void {
    const cursor = this.#cursor.open(bytes, bodyStart, end);
    const message = this.#named(cursor);
    const reader = this.#reader;
    reader.begin(start);
    if (message !== undefined) this.#read(this.#planOf(message), start);
    if (cursor.broken) {
      reader.begin(start);
      reader.reject('malformed', String(this.#id), Math.min(cursor.at, end));
    } else if (message === undefined) {
      reader.reject(
        'schema-unusable',
        `${this.#id} has no message at the place that the record names`,
        bodyStart,
      );
    }
    reader.finish(end, batch, this.#whereMissing);
  }

  /** Places of messages from the outermost in; none stands for the first message, which nearly all are. */
  #named(cursor: WireCursor): ProtobufMessage | undefined {
    let depth = cursor.zigzag();
    if (depth === 0) return this.#messages.at(0);
    let messages = this.#messages;
    let message: ProtobufMessage | undefined;
    for (; depth > 0 && !cursor.broken; depth--) {
      const place = cursor.zigzag();
      if (place < 0 || place >= messages.length) return undefined;
      message = messages[place];
      messages = message.messages;
    }
    return message;
  }

  #read({ actions, defaults }: ProtobufPlan, start: number): void {
    const cursor = this.#cursor;
    for (const field of defaults) this.#reader.units(field, 0, start);
    while (cursor.at < cursor.end && !cursor.broken) {
      const tag = cursor.count();
      const action = actions.get(tag);
      if (action === undefined) skipValue(tag, cursor);
      else action(cursor);
    }
  }

  #planOf(message: ProtobufMessage): ProtobufPlan {
    let plan = this.#plans.get(message);
    if (plan === undefined) {
      plan = protobufPlan(message, this.#reader, this.#options);
      this.#plans.set(message, plan);
    }
    return plan;
  }

  readonly #whereMissing = (field: Field): string => whereMissing(field, this.#options.fields, this.#id);
}
