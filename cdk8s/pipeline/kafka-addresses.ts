import type { Pipeline } from '../../src/resource/pipeline.ts';

/** The ports of Strimzi's internal listeners, by the convention of its examples. */
const STRIMZI_PLAIN_PORT = 9092;
const STRIMZI_TLS_PORT = 9093;

/** The bootstrap Service of a Strimzi cluster in the pipeline's namespace; undefined where brokers are named. */
export function strimziBootstrap({ kafka }: Pipeline, namespace: string): string | undefined {
  if (kafka?.brokers.kind !== 'cluster') return undefined;
  return `${kafka.brokers.name}-kafka-bootstrap.${namespace}.svc:${strimziPort(kafka)}`;
}

/** The ports at which brokers are found, ascending. */
export function kafkaPorts({ kafka }: Pipeline): number[] {
  if (kafka === undefined) return [];
  if (kafka.brokers.kind === 'cluster') return [strimziPort(kafka)];
  return [...new Set(kafka.brokers.addresses.map(portOf))].toSorted((a, b) => a - b);
}

function strimziPort(kafka: NonNullable<Pipeline['kafka']>): number {
  return kafka.tls === undefined ? STRIMZI_PLAIN_PORT : STRIMZI_TLS_PORT;
}

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(':') + 1));
}
