import type { CodecOptions } from './codec.ts';
import type { FieldReader } from './field-reader.ts';
import { fittingPlaces } from './field-names.ts';
import { FieldValues } from './field-values.ts';
import type { ProtobufField, ProtobufMessage, ProtobufScalar, ProtobufType } from './protobuf-message.ts';
import type { Field } from './rejection.ts';
import type { WireCursor } from './wire-cursor.ts';

/** What is done with the fields of a message. */
export interface ProtobufPlan {
  /** By tag, the field's number and wire type as they come; all others are passed over. */
  readonly actions: ReadonlyMap<number, (cursor: WireCursor) => void>;
  /** Fields that are 0 where a record does not have them: proto3 does not write a 0. */
  readonly defaults: readonly ('price' | 'quantity')[];
}

export function protobufPlan(
  { fields }: ProtobufMessage,
  reader: FieldReader,
  options: CodecOptions,
): ProtobufPlan {
  const names = fields.map(({ name }) => name);
  const places = [...fittingPlaces(names, options.fields)].filter(
    ([field]) => field !== 'quantity' || options.withQuantity,
  );
  return {
    actions: new Map(
      places.map(([field, place]) => {
        const { number, type, repeated } = fields[place];
        const values = new FieldValues(field, reader, options);
        const action = repeated ? unusable(values, 'a repeated field', LENGTH) : valueAction(type, values);
        return [tagOf(number, repeated ? LENGTH : wireTypeOf(type)), action];
      }),
    ),
    defaults: places.flatMap(([field, place]) => (isZeroUnwritten(field, fields[place]) ? [field] : [])),
  };
}

/** Passes over the value behind a tag. */
export function skipValue(tag: number, cursor: WireCursor): void {
  switch (tag & 7) {
    case VARINT:
      cursor.varint();
      break;
    case FIXED_64:
      cursor.skip(8);
      break;
    case LENGTH:
      cursor.skip(cursor.count());
      break;
    case GROUP_START:
      skipGroup(cursor);
      break;
    case GROUP_END: // the one that `skipGroup` waits for
      break;
    case FIXED_32:
      cursor.skip(4);
      break;
    default:
      cursor.broken = true;
  }
}

function skipGroup(cursor: WireCursor): void {
  if (++cursor.depth > MOST_DEPTH) cursor.broken = true;
  for (let tag = GROUP_START; (tag & 7) !== GROUP_END && !cursor.broken;) {
    tag = cursor.count();
    skipValue(tag, cursor);
  }
  cursor.depth--;
}

function isZeroUnwritten(
  field: Field,
  { type, hasPresence, repeated }: ProtobufField,
): field is 'price' | 'quantity' {
  const isNumber = type.kind !== 'message' && type.kind !== 'string' && type.kind !== 'bytes';
  return (field === 'price' || field === 'quantity') && isNumber && !hasPresence && !repeated;
}

function valueAction(type: ProtobufType, values: FieldValues): (cursor: WireCursor) => void {
  switch (type.kind) {
    case 'string':
    case 'bytes':
      return (cursor) => {
        const length = cursor.count();
        const { at } = cursor;
        cursor.skip(length);
        if (!cursor.broken) values.text(cursor.bytes, at, cursor.at);
      };
    case 'double':
      return (cursor) => {
        const { at } = cursor;
        values.double(cursor.double(), at);
      };
    case 'float':
      return (cursor) => {
        const { at } = cursor;
        values.float(cursor.float(), at);
      };
    case 'enum':
      return (cursor) => {
        const { at } = cursor;
        const name = type.names.get(cursor.count());
        if (name === undefined) values.unusable(`the unknown number ${cursor.low} of an enum`, at);
        else values.text(ENCODER.encode(name), 0, name.length, at);
      };
    case 'message':
      return messageAction(type.message, values);
    case 'map':
      return unusable(values, 'a map', LENGTH);
    case 'bool':
      return unusable(values, 'a bool', VARINT);
    default:
      return integerAction(type.kind, values);
  }
}

type Integer = Exclude<ProtobufScalar, 'double' | 'float' | 'bool' | 'string' | 'bytes'>;

function integerAction(kind: Integer, values: FieldValues): (cursor: WireCursor) => void {
  const take = TAKE[kind];
  return (cursor) => {
    const { at } = cursor;
    take(cursor);
    if (cursor.high < 2 ** 21 && IS_UNSIGNED.has(kind)) {
      values.integer(cursor.high * 2 ** 32 + cursor.low, at);
      return;
    }
    const value = bigOf(kind, cursor);
    if (Number.isSafeInteger(Number(value))) values.integer(Number(value), at);
    else values.bigInteger(value, at);
  };
}

/** Those whose bits are the number, so long as it is small. */
const IS_UNSIGNED = new Set<Integer>([
  'int32',
  'int64',
  'uint32',
  'uint64',
  'fixed32',
  'fixed64',
  'sfixed64',
]);

const TAKE: Readonly<Record<Integer, (cursor: WireCursor) => void>> = {
  int32: takeVarint,
  int64: takeVarint,
  uint32: takeVarint,
  uint64: takeVarint,
  sint32: takeVarint,
  sint64: takeVarint,
  fixed32: takeFixed32,
  sfixed32: takeFixed32,
  fixed64: takeFixed64,
  sfixed64: takeFixed64,
};

function takeVarint(cursor: WireCursor): void {
  cursor.varint();
}

function takeFixed32(cursor: WireCursor): void {
  cursor.fixed32();
}

function takeFixed64(cursor: WireCursor): void {
  cursor.fixed64();
}

function bigOf(kind: Integer, cursor: WireCursor): bigint {
  if (kind === 'sint32' || kind === 'sint64') return cursor.zigzagBig;
  if (kind === 'sfixed32') return BigInt(cursor.low | 0);
  return kind.startsWith('u') || kind.startsWith('fixed') ? cursor.unsignedBig : cursor.signedBig;
}

/** A Timestamp, or one of the wrappers of a single value, of Protobuf's well-known types. */
function messageAction(message: ProtobufMessage, values: FieldValues): (cursor: WireCursor) => void {
  if (message.name === 'google.protobuf.Timestamp') {
    return (cursor) => {
      const { at } = cursor;
      let seconds = 0;
      let nanos = 0;
      inside(cursor, (tag) => {
        if (tag === tagOf(1, VARINT)) seconds = signedVarint(cursor);
        else if (tag === tagOf(2, VARINT)) nanos = signedVarint(cursor);
        else skipValue(tag, cursor);
      });
      values.timestamp(seconds, nanos, at);
    };
  }
  const value = WRAPPER.test(message.name) ? message.fields.find(({ number }) => number === 1) : undefined;
  if (value === undefined) return unusable(values, `a ${message.name}`, LENGTH);
  const read = valueAction(value.type, values);
  const tag = tagOf(1, wireTypeOf(value.type));
  return (cursor) => {
    let times = 0;
    const { at } = cursor;
    inside(cursor, (found) => {
      if (found !== tag) skipValue(found, cursor);
      else {
        times++;
        read(cursor);
      }
    });
    if (times === 0) values.integer(0, at);
  };
}

const WRAPPER = /^google\.protobuf\.(Double|Float|Int64|UInt64|Int32|UInt32|String|Bytes)Value$/;

/** Calls `each` with every tag of a message within the message. */
function inside(cursor: WireCursor, each: (tag: number) => void): void {
  const length = cursor.count();
  const outerEnd = cursor.end;
  const { at } = cursor;
  cursor.skip(length);
  if (cursor.broken) return;
  cursor.end = cursor.at;
  cursor.at = at;
  while (cursor.at < cursor.end) each(cursor.count());
  cursor.end = outerEnd;
}

function signedVarint(cursor: WireCursor): number {
  cursor.varint();
  return cursor.high < 2 ** 21 ? cursor.high * 2 ** 32 + cursor.low : Number(cursor.signedBig);
}

function unusable(values: FieldValues, found: string, wireType: number): (cursor: WireCursor) => void {
  return (cursor) => {
    values.unusable(found, cursor.at);
    skipValue(wireType, cursor);
  };
}

function wireTypeOf({ kind }: ProtobufType): number {
  if (kind === 'double' || kind === 'fixed64' || kind === 'sfixed64') return FIXED_64;
  if (kind === 'float' || kind === 'fixed32' || kind === 'sfixed32') return FIXED_32;
  return kind === 'string' || kind === 'bytes' || kind === 'message' || kind === 'map' ? LENGTH : VARINT;
}

function tagOf(number: number, wireType: number): number {
  return number * 8 + wireType;
}

const VARINT = 0;
const FIXED_64 = 1;
const LENGTH = 2;
const GROUP_START = 3;
const GROUP_END = 4;
const FIXED_32 = 5;
const MOST_DEPTH = 64;
const ENCODER = new TextEncoder();
