/** What a .proto file says of a message. A message may hold itself, so these may go round in circles. */
export interface ProtobufMessage {
  readonly name: string;
  readonly fields: readonly ProtobufField[];
  /** Messages declared inside of it, by whose places a record says which one it is. */
  readonly messages: readonly ProtobufMessage[];
}

export interface ProtobufField {
  readonly name: string;
  readonly number: number;
  readonly repeated: boolean;
  /** Whether a record tells a value that was not set from 0: `optional`, proto2, and all messages. */
  readonly hasPresence: boolean;
  readonly type: ProtobufType;
}

export type ProtobufType =
  | { readonly kind: ProtobufScalar }
  /** The names by their numbers. */
  | { readonly kind: 'enum'; readonly names: ReadonlyMap<number, string> }
  | { readonly kind: 'message'; readonly message: ProtobufMessage }
  | { readonly kind: 'map' };

export type ProtobufScalar =
  | 'double'
  | 'float'
  | 'int32'
  | 'int64'
  | 'uint32'
  | 'uint64'
  | 'sint32'
  | 'sint64'
  | 'fixed32'
  | 'fixed64'
  | 'sfixed32'
  | 'sfixed64'
  | 'bool'
  | 'string'
  | 'bytes';
