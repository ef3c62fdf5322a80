import avsc, { type Type } from 'avsc';
import type { AvroTime, AvroType } from '../trade/avro-type.ts';

/**
 * The type that an Avro schema describes, read by avsc. `references` are schemas whose names it uses, those first that
 * others use. Throws what avsc says of a schema that is none.
 */
export function avroType(schema: string, references: readonly string[] = []): AvroType {
  const registry: Record<string, Type> = {};
  const parse = (text: string): Type =>
    avsc.Type.forSchema(JSON.parse(text) as never, {
      registry,
      wrapUnions: 'always',
      logicalTypes: LOGICAL_TYPES,
    });
  for (const reference of references) parse(reference);
  return new Conversion().typeOf(parse(schema));
}

/** Keeps what a schema says beside its type, such as a decimal's scale. */
class Noted extends avsc.types.LogicalType {
  readonly attributes: Attributes;

  constructor(schema: unknown, options?: unknown) {
    super(schema as never, options);
    this.attributes = schema as Attributes;
  }
}

interface Attributes {
  readonly logicalType: string;
  readonly scale?: unknown;
}

const TIMES: Readonly<Record<string, AvroTime>> = {
  'timestamp-millis': 'ms',
  'timestamp-micros': 'us',
  'timestamp-nanos': 'ns',
  'local-timestamp-millis': 'ms',
  'local-timestamp-micros': 'us',
  'local-timestamp-nanos': 'ns',
};

const LOGICAL_TYPES = Object.fromEntries(['decimal', ...Object.keys(TIMES)].map((name) => [name, Noted]));

/** From avsc's types to ours. Records are kept while they are made: they may hold themselves. */
class Conversion {
  readonly #made = new Map<Type, AvroType>();

  typeOf(type: Type, attributes?: Attributes): AvroType {
    if (type instanceof Noted) return this.typeOf(type.underlyingType, type.attributes);
    const made = this.#made.get(type);
    if (made !== undefined && attributes === undefined) return made;
    return this.#newTypeOf(type, attributes);
  }

  #newTypeOf(type: Type, attributes: Attributes | undefined): AvroType {
    const { types } = avsc;
    if (type instanceof types.RecordType) {
      const fields: { name: string; type: AvroType }[] = [];
      const record: AvroType = { kind: 'record', name: type.name ?? '', fields };
      this.#made.set(type, record);
      for (const { name, type: ofField } of type.fields) fields.push({ name, type: this.typeOf(ofField) });
      return record;
    }
    if (type instanceof types.WrappedUnionType)
      return { kind: 'union', branches: type.types.map((branch) => this.typeOf(branch)) };
    if (type instanceof types.ArrayType) return { kind: 'array', items: this.typeOf(type.itemsType) };
    if (type instanceof types.MapType) return { kind: 'map', items: this.typeOf(type.valuesType as Type) };
    if (type instanceof types.EnumType) return { kind: 'enum', symbols: type.symbols };
    if (type instanceof types.FixedType)
      return { kind: 'fixed', size: type.size, scale: scaleOf(attributes) };
    return plainType(type.typeName, attributes);
  }
}

function plainType(name: string, attributes: Attributes | undefined): AvroType {
  switch (name) {
    case 'int':
    case 'long':
      return { kind: name, time: TIMES[attributes?.logicalType ?? ''] };
    case 'bytes':
      return { kind: name, scale: scaleOf(attributes) };
    case 'null':
    case 'boolean':
    case 'float':
    case 'double':
    case 'string':
      return { kind: name };
    default:
      throw new Error(`the type ${name} is not known`);
  }
}

/** Of a decimal; 0 where it says none, as the specification has it. */
function scaleOf(attributes: Attributes | undefined): number | undefined {
  if (attributes?.logicalType !== 'decimal') return undefined;
  const { scale = 0 } = attributes;
  if (typeof scale === 'number' && Number.isInteger(scale) && scale >= 0) return scale;
  throw new Error(`the scale ${JSON.stringify(scale)} of a decimal is no whole number`);
}
