import type { AvroType } from './avro-type.ts';
import type { CodecOptions } from './codec.ts';
import { FIELDS, fittingPlaces } from './field-names.ts';
import type { ProtobufType } from './protobuf-message.ts';
import type { Field } from './rejection.ts';
import type { KnownSchema } from './schemas.ts';

/** A part of a trade and the field of a schema that has it; undefined where none has, or none of a type that would do. */
export interface FieldFit {
  readonly field: Field;
  readonly name: string | undefined;
  readonly fits: boolean;
}

/**
 * How a schema's fields fit the parts of a trade that the pipeline needs; undefined for a schema that describes no
 * record. Of a .proto file the first message is looked at: nearly all producers write that one.
 */
export function fieldFits(schema: KnownSchema, options: CodecOptions): FieldFit[] | undefined {
  const fields = schema.format === 'avro' ? avroFields(schema.type) : protobufFields(schema);
  if (fields === undefined) return undefined;
  const names = fields.map(({ name }) => name);
  const places = fittingPlaces(names, options.fields);
  return FIELDS.filter((field) => field !== 'quantity' || options.withQuantity).map((field) => {
    const place = places.get(field);
    if (place === undefined) return { field, name: undefined, fits: false };
    return { field, name: names[place], fits: fields[place].fits(field, options.timeUnit) };
  });
}

interface NamedField {
  readonly name: string;
  readonly fits: (field: Field, timeUnit: CodecOptions['timeUnit']) => boolean;
}

/** Of the record, or of the elements of an array of records. */
function avroFields(type: AvroType): NamedField[] | undefined {
  if (type.kind === 'union') return firstOf(type.branches.map(avroFields));
  if (type.kind === 'array') return avroFields(type.items);
  if (type.kind !== 'record') return undefined;
  return type.fields.map(({ name, type: ofField }) => ({
    name,
    fits: (field, timeUnit) => avroFits(ofField, field, timeUnit),
  }));
}

function protobufFields(schema: KnownSchema): NamedField[] | undefined {
  if (schema.format !== 'protobuf') return undefined;
  return schema.messages.at(0)?.fields.map(({ name, type, repeated }) => ({
    name,
    fits: (field, timeUnit) => !repeated && protobufFits(type, field, timeUnit),
  }));
}

function avroFits(type: AvroType, field: Field, timeUnit: CodecOptions['timeUnit']): boolean {
  switch (type.kind) {
    case 'union':
      return type.branches.some((branch) => avroFits(branch, field, timeUnit));
    case 'string':
      return true;
    case 'enum':
      return field === 'symbol';
    case 'bytes':
    case 'fixed':
      return type.scale === undefined || field === 'price' || field === 'quantity';
    case 'int':
    case 'long':
      return field !== 'symbol' && (field !== 'time' || timeUnit !== 'iso' || type.time !== undefined);
    case 'float':
    case 'double':
      return field !== 'symbol' && (field !== 'time' || timeUnit !== 'iso');
    default:
      return false;
  }
}

function protobufFits(type: ProtobufType, field: Field, timeUnit: CodecOptions['timeUnit']): boolean {
  switch (type.kind) {
    case 'string':
    case 'bytes':
      return true;
    case 'enum':
      return field === 'symbol';
    case 'map':
    case 'bool':
      return false;
    case 'message': {
      const { name, fields } = type.message;
      if (name === 'google.protobuf.Timestamp') return field === 'time';
      const isWrapper = /^google\.protobuf\.\w+Value$/.test(name) && fields.length === 1;
      return isWrapper && protobufFits(fields[0].type, field, timeUnit);
    }
    default:
      return field !== 'symbol' && (field !== 'time' || timeUnit !== 'iso');
  }
}

function firstOf<T>(items: readonly (T | undefined)[]): T | undefined {
  return items.find((item) => item !== undefined);
}
