import { FlexibleReader } from './flexible-reader.ts';
import { FlexibleWriter } from './flexible-writer.ts';
import { internals, type Broker, type RequestDefinition } from './kafkajs-internals.ts';

export interface FlexibleRequest<T> {
  readonly apiKey: number;
  readonly apiName: string;
  readonly version: number;
  readonly write: (writer: FlexibleWriter) => void;
  /** Throws where the answer is an error. */
  readonly read: (reader: FlexibleReader) => T;
  /** The answer's header is the old one, as that of ApiVersions always is. */
  readonly hasPlainAnswer?: true;
}

/**
 * Sends a request of a flexible version, none of which kafkajs knows. Its header ends with tagged fields, which kafkajs
 * takes for the first byte of the body; so does that of the answer.
 */
export async function sendFlexible<T>(broker: Broker, request: FlexibleRequest<T>): Promise<T> {
  const { apiKey, apiName, version, write, read, hasPlainAnswer } = request;
  const definition: RequestDefinition = {
    versions: [String(version)],
    protocol: () => () => ({
      request: {
        apiKey,
        apiName,
        apiVersion: version,
        encode: () => {
          const writer = new FlexibleWriter().noTags();
          write(writer);
          return Promise.resolve(new (internals().Encoder)().writeBuffer(writer.toBuffer()));
        },
      },
      response: {
        decode: (bytes: Buffer) => Promise.resolve({ bytes }),
        parse: async (decoded: unknown) => {
          const reader = new FlexibleReader((decoded as { bytes: Buffer }).bytes);
          if (hasPlainAnswer !== true) reader.tags();
          return Promise.resolve(read(reader));
        },
      },
    }),
  };
  return (await broker.connectionPool.send(broker.lookupRequest(apiKey, definition)({}))) as T;
}

/** Throws what kafkajs throws for an error code; 0 is none. */
export function refuseError(errorCode: number): void {
  if (errorCode !== 0) throw internals().errorOf(errorCode);
}
