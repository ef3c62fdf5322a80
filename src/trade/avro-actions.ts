import { chosen, skipBlocks } from './avro-blocks.ts';
import { avroFieldAction } from './avro-field.ts';
import type { AvroRecord, AvroType } from './avro-type.ts';
import type { CodecOptions } from './codec.ts';
import type { FieldReader } from './field-reader.ts';
import { fittingPlaces } from './field-names.ts';
import type { WireCursor } from './wire-cursor.ts';

/** Reads one value, or passes it over, and leaves the cursor behind it. */
export type AvroAction = (cursor: WireCursor) => void;

/** The actions of a schema, each made when it is first needed: a record may hold itself. */
export function avroActions(root: AvroType, reader: FieldReader, options: CodecOptions) {
  const skips = new Map<AvroType, AvroAction>();
  const trades = new Map<AvroRecord, readonly AvroAction[]>();
  const skipOf = (type: AvroType): AvroAction => {
    let skip = skips.get(type);
    if (skip === undefined) {
      skip = skipAction(type, skipOf);
      skips.set(type, skip);
    }
    return skip;
  };
  const ofTrade = (record: AvroRecord): readonly AvroAction[] => {
    let actions = trades.get(record);
    if (actions === undefined) {
      actions = tradeActions(record, reader, options, skipOf);
      trades.set(record, actions);
    }
    return actions;
  };
  return { ofTrade, skip: skipOf(root) };
}

function tradeActions(
  { fields }: AvroRecord,
  reader: FieldReader,
  options: CodecOptions,
  skipOf: (type: AvroType) => AvroAction,
): readonly AvroAction[] {
  const places = fittingPlaces(
    fields.map(({ name }) => name),
    options.fields,
  );
  if (!options.withQuantity) places.delete('quantity');
  const fieldAt = new Map([...places].map(([field, place]) => [place, field]));
  return fields.map(({ type }, place) => {
    const field = fieldAt.get(place);
    return field === undefined ? skipOf(type) : avroFieldAction(type, field, reader, options, skipOf);
  });
}

function skipAction(type: AvroType, skipOf: (type: AvroType) => AvroAction): AvroAction {
  switch (type.kind) {
    case 'null':
      return () => undefined;
    case 'boolean':
      return (cursor) => {
        cursor.skip(1);
      };
    case 'int':
    case 'long':
    case 'enum':
      return (cursor) => {
        cursor.varint();
      };
    case 'float':
      return (cursor) => {
        cursor.skip(4);
      };
    case 'double':
      return (cursor) => {
        cursor.skip(8);
      };
    case 'bytes':
    case 'string':
      return (cursor) => {
        cursor.skip(cursor.zigzag());
      };
    case 'fixed':
      return (cursor) => {
        cursor.skip(type.size);
      };
    case 'array':
      return (cursor) => {
        skipBlocks(cursor, skipOf(type.items));
      };
    case 'map':
      return (cursor) => {
        skipBlocks(cursor, (each) => {
          each.skip(each.zigzag());
          skipOf(type.items)(each);
        });
      };
    case 'union':
      return (cursor) => {
        const branch = chosen(type, cursor);
        if (branch !== undefined) skipOf(branch)(cursor);
      };
    case 'record':
      return (cursor) => {
        if (++cursor.depth > MOST_DEPTH) cursor.broken = true;
        for (const field of type.fields) if (!cursor.broken) skipOf(field.type)(cursor);
        cursor.depth--;
      };
  }
}

/** Records within records; more is no schema of trades, and would end the stack. */
const MOST_DEPTH = 64;
