import type { AvroType } from './avro-type.ts';
import type { ProtobufMessage } from './protobuf-message.ts';

/** What a schema registry has for an id. */
export type KnownSchema =
  | { readonly format: 'avro'; readonly type: AvroType }
  | { readonly format: 'protobuf'; readonly messages: readonly ProtobufMessage[] }
  | {
      readonly format: 'none';
      readonly code: 'schema-unknown' | 'schema-unusable';
      /** For people: `is of type JSON`. */
      readonly why: string;
    };

/** The schemas that are known so far, by their ids. Undefined: it has not been asked for yet. */
export interface Schemas {
  get(id: number): KnownSchema | undefined;
}
