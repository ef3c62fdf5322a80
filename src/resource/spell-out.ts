import type { MovingAverage } from './moving-average.ts';
import type { Input, Kafka, Pipeline, Source } from './pipeline.ts';

/** Spells out a resource that the schema and the checks have passed. */
export function spellOut({ metadata, spec }: MovingAverage): Pipeline {
  const { output, scaling, watermark } = spec;
  return {
    name: metadata.name,
    kafka: spec.kafka && kafkaFrom(spec.kafka),
    redis: spec.redis && {
      url: spec.redis.url,
      username: spec.redis.username,
      passwordSecretRef: spec.redis.passwordSecretRef,
    },
    input: inputFrom(spec.input),
    output: { destination: destinationFrom(output), format: output.format, measures: output.measures },
    late: spec.late && destinationFrom(spec.late),
    deadLetters: spec.deadLetters && destinationFrom(spec.deadLetters),
    windows: spec.windows.map(windowFrom),
    emit: spec.emit,
    delayMs: watermark.delay,
    idleAfterMs: watermark.idleAfter,
    replicas: spec.replicas,
    scaling: scaling && {
      minReplicas: scaling.minReplicas,
      maxReplicas: scaling.maxReplicas,
      catchUpWithinMs: scaling.catchUpWithin,
    },
    deletionPolicy: spec.deletionPolicy,
  };
}

type Spec = MovingAverage['spec'];

function kafkaFrom({ cluster, bootstrapServers = [], tls, sasl }: NonNullable<Spec['kafka']>): Kafka {
  return {
    brokers:
      cluster === undefined
        ? { kind: 'servers', addresses: bootstrapServers }
        : { kind: 'cluster', name: cluster },
    tls: tls && { caSecretRef: tls.caSecretRef, certificateSecretRef: tls.certificateSecretRef },
    sasl,
  };
}

function inputFrom(input: Spec['input']): Input {
  const { symbol, price, quantity, time } = input.fields;
  return {
    source: sourceFrom(input),
    partitions: input.partitions,
    format: input.format,
    header: input.header,
    delimiter: input.delimiter,
    fields: { symbol: input.key ?? symbol, price, quantity, time },
    timeUnit: input.timeUnit,
    priceDecimals: input.priceDecimals,
    quantityDecimals: input.quantityDecimals,
  };
}

function sourceFrom({ topic, file, socket, demo }: Spec['input']): Source | undefined {
  if (topic !== undefined) return { kind: 'topic', topic };
  if (file !== undefined) return { kind: 'file', path: file };
  if (socket !== undefined) {
    const [, host, port] = /^tcp:\/\/\[?(.*?)\]?:(\d+)$/.exec(socket) ?? [];
    return { kind: 'socket', host, port: Number(port) };
  }
  if (demo === undefined) return undefined;
  const { symbols, rate, disorder, lateShare, seed } = demo;
  return { kind: 'demo', symbols, tradesPerSecond: rate, disorderMs: disorder, lateShare, seed };
}

function destinationFrom({ topic, file }: { topic?: string | undefined; file?: string | undefined }) {
  if (topic !== undefined) return { kind: 'topic', topic } as const;
  return file === undefined ? undefined : ({ kind: 'file', path: file } as const);
}

function windowFrom({ size, slide, trades = 1, every = trades }: Spec['windows'][number]) {
  return size === undefined
    ? ({ kind: 'count', trades, every } as const)
    : ({ kind: 'time', sizeMs: size, slideMs: slide ?? size } as const);
}
