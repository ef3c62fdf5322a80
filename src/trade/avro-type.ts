/** What an Avro schema says of a value, names resolved. A record may hold itself, so these may go round in circles. */
export type AvroType =
  | { readonly kind: 'null' | 'boolean' | 'float' | 'double' | 'string' }
  | { readonly kind: 'int' | 'long'; readonly time: AvroTime | undefined }
  | { readonly kind: 'bytes'; readonly scale: number | undefined }
  | { readonly kind: 'fixed'; readonly size: number; readonly scale: number | undefined }
  | { readonly kind: 'enum'; readonly symbols: readonly string[] }
  | { readonly kind: 'array' | 'map'; readonly items: AvroType }
  | { readonly kind: 'union'; readonly branches: readonly AvroType[] }
  | AvroRecord;

export interface AvroRecord {
  readonly kind: 'record';
  readonly name: string;
  /** In the order in which they are written. */
  readonly fields: readonly { readonly name: string; readonly type: AvroType }[];
}

/** The unit of a timestamp's logical type, `timestamp-` or `local-timestamp-`; local ones are read as UTC. */
export type AvroTime = 'ms' | 'us' | 'ns';
