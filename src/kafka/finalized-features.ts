import { sendFlexible } from './flexible-request.ts';
import { KAFKAJS_VERSION, type Broker } from './kafkajs-internals.ts';

/**
 * The versions of features that the whole cluster has agreed on (KIP-584), by name; empty of brokers before 2.7.
 * https://kafka.apache.org/protocol#The_Messages_ApiVersions, version 3
 */
export function finalizedFeatures(broker: Broker): Promise<ReadonlyMap<string, number>> {
  return sendFlexible(broker, {
    apiKey: API_VERSIONS,
    apiName: 'ApiVersions',
    version: 3,
    hasPlainAnswer: true,
    write: (writer) => writer.string('tidemark-kafkajs').string(KAFKAJS_VERSION).noTags(),
    read: (reader) => {
      const features = new Map<string, number>();
      if (reader.int16() !== 0) return features; // a broker that does not know this version
      reader.array(() => {
        for (let i = 0; i < 3; i++) reader.int16(); // key, least and newest version
        reader.tags();
      });
      reader.int32(); // throttled for, in ms
      reader.tags((tag, value) => {
        if (tag !== FINALIZED_FEATURES) return;
        value.array(() => {
          const name = value.string();
          features.set(name, value.int16());
          value.int16(); // the least version
          value.tags();
        });
      });
      return features;
    },
  });
}

const API_VERSIONS = 18;
const FINALIZED_FEATURES = 2;
