import type { AvroAction } from './avro-actions.ts';
import { chosen } from './avro-blocks.ts';
import type { AvroType } from './avro-type.ts';
import { FieldValues } from './field-values.ts';
import type { CodecOptions } from './codec.ts';
import type { FieldReader } from './field-reader.ts';
import type { Field } from './rejection.ts';

/** Reads a part of a trade from a value of this type. What such a value cannot be is said of each record. */
export function avroFieldAction(
  type: AvroType,
  field: Field,
  reader: FieldReader,
  options: CodecOptions,
  skipOf: (type: AvroType) => AvroAction,
): AvroAction {
  const values = new FieldValues(field, reader, options);
  switch (type.kind) {
    case 'null':
      return (cursor) => {
        reader.isNull(field, cursor.at);
      };
    case 'string':
      return (cursor) => {
        const length = cursor.zigzag();
        const { at } = cursor;
        cursor.skip(length);
        if (!cursor.broken) values.text(cursor.bytes, at, cursor.at);
      };
    case 'bytes':
      return (cursor) => {
        const length = cursor.zigzag();
        const { at } = cursor;
        cursor.skip(length);
        if (!cursor.broken) values.bytes(cursor.bytes, at, cursor.at, type.scale);
      };
    case 'fixed':
      return (cursor) => {
        const { at } = cursor;
        cursor.skip(type.size);
        if (!cursor.broken) values.bytes(cursor.bytes, at, cursor.at, type.scale);
      };
    case 'int':
    case 'long':
      return (cursor) => {
        const { at } = cursor;
        const value = cursor.zigzag();
        if (Number.isSafeInteger(value)) values.integer(value, at, type.time);
        else values.bigInteger(cursor.zigzagBig, at, type.time);
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
    case 'enum': {
      const names = type.symbols.map((name) => ENCODER.encode(name));
      return (cursor) => {
        const { at } = cursor;
        const name = names.at(cursor.count() / 2);
        if (name === undefined) cursor.broken = true;
        else values.text(name, 0, name.length, at);
      };
    }
    case 'union': {
      const actions = new Map(
        type.branches.map((branch) => [branch, avroFieldAction(branch, field, reader, options, skipOf)]),
      );
      return (cursor) => {
        const branch = chosen(type, cursor);
        if (branch !== undefined) actions.get(branch)?.(cursor);
      };
    }
    case 'boolean':
    case 'array':
    case 'map':
    case 'record': {
      const skip = skipOf(type);
      return (cursor) => {
        values.unusable(`a value of type ${type.kind}`, cursor.at);
        skip(cursor);
      };
    }
  }
}

const ENCODER = new TextEncoder();
