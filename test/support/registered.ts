import avsc from 'avsc';
import protobuf from 'protobufjs';
import { avroType } from '../../src/registry/avro-schema.ts';
import { protobufMessages } from '../../src/registry/protobuf-schema.ts';
import type { KnownSchema, Schemas } from '../../src/trade/schemas.ts';
import type { CodecOptions } from '../../src/trade/codec.ts';
import { decodeAll, type Decoded } from './decode.ts';

/** What Confluent's serializers put before a record. */
export function framed(id: number, body: Uint8Array, indexes: readonly number[] = []): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt32BE(id, 1);
  return Buffer.concat([header, Uint8Array.from(indexes), body]);
}

/** Schema 7, and nothing else. */
export function schemas(known: KnownSchema): Schemas {
  return { get: (id) => (id === 7 ? known : undefined) };
}

/** Encodes values with avsc, by its own reading of the schema, and decodes them with ours. */
export function throughAvro(
  schema: object,
  values: readonly unknown[],
  options: Partial<CodecOptions> = {},
): Decoded {
  const type = avsc.Type.forSchema(schema as never, { wrapUnions: 'always' });
  const records = values.map((value) => framed(7, type.toBuffer(value)));
  return decodeAvro(schema, records, options);
}

export function decodeAvro(
  schema: object,
  records: readonly Uint8Array[],
  options: Partial<CodecOptions> = {},
): Decoded {
  const known = schemas({ format: 'avro', type: avroType(JSON.stringify(schema)) });
  return decodeAll(records, { format: 'avro', schemas: known, ...options });
}

/** Encodes values with protobufjs as messages of this name, and decodes them with ours; `indexes` say which it is. */
export function throughProtobuf(
  file: string,
  message: string,
  values: readonly object[],
  { indexes = [0], ...options }: Partial<CodecOptions> & { readonly indexes?: readonly number[] } = {},
): Decoded {
  const root = new protobuf.Root();
  for (const name of ['timestamp', 'wrappers'])
    root.addJSON(protobuf.common.get(`google/protobuf/${name}.proto`)?.nested ?? {});
  const type = protobuf.parse(file, root, { keepCase: true }).root.lookupType(message);
  const records = values.map((value) => framed(7, type.encode(type.fromObject(value)).finish(), indexes));
  return decodeProtobuf(file, records, options);
}

export function decodeProtobuf(
  file: string,
  records: readonly Uint8Array[],
  options: Partial<CodecOptions> = {},
): Decoded {
  const known = schemas({ format: 'protobuf', messages: protobufMessages(file) });
  return decodeAll(records, { format: 'protobuf', schemas: known, ...options });
}
