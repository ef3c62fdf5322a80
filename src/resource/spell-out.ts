import type { MovingAverage } from './moving-average.ts';
import type {
  Input,
  Kafka,
  Pipeline,
  PodResources,
  Redis,
  RedisServers,
  Sasl,
  SchemaRegistry,
  Source,
  Tls,
} from './pipeline.ts';

/** Spells out a resource that the schema and the checks have passed. */
export function spellOut({ metadata, spec }: MovingAverage): Pipeline {
  const { output, scaling, watermark } = spec;
  return {
    name: metadata.name,
    kafka: spec.kafka && kafkaFrom(spec.kafka),
    redis: spec.redis && redisFrom(spec.redis),
    schemaRegistry: spec.schemaRegistry && registryFrom(spec.schemaRegistry),
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
      metrics: scaling.metrics,
    },
    resources: spec.resources && resourcesFrom(spec.resources),
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
    tls: tls && tlsFrom(tls),
    sasl: sasl && saslFrom(sasl),
  };
}

function saslFrom(sasl: NonNullable<NonNullable<Spec['kafka']>['sasl']>): Sasl {
  const { mechanism, scope, tokenCaSecretRef } = sasl;
  if (mechanism === 'aws-msk-iam') return { mechanism, region: checked(sasl.region) };
  if (mechanism === 'oauthbearer') {
    const [tokenEndpoint, clientId] = [checked(sasl.tokenEndpoint), checked(sasl.clientId)];
    const clientSecretRef = checked(sasl.clientSecretRef);
    return { mechanism, tokenEndpoint, clientId, clientSecretRef, scope, tokenCaSecretRef };
  }
  const [username, passwordSecretRef] = [checked(sasl.username), checked(sasl.passwordSecretRef)];
  return { mechanism, username, passwordSecretRef };
}

/** What the schema leaves open and a check has demanded. */
function checked<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('A check has let something incomplete through.');
  return value;
}

function tlsFrom({ caSecretRef, certificateSecretRef }: NonNullable<NonNullable<Spec['kafka']>['tls']>): Tls {
  return { caSecretRef, certificateSecretRef };
}

function redisFrom(redis: NonNullable<Spec['redis']>): Redis {
  const { username, passwordSecretRef, tls } = redis;
  return { servers: redisServers(redis), username, passwordSecretRef, tls: tls && tlsFrom(tls) };
}

function redisServers({ url, sentinel, cluster }: NonNullable<Spec['redis']>): RedisServers {
  if (cluster !== undefined) return { kind: 'cluster', addresses: cluster };
  if (sentinel === undefined) return { kind: 'single', url: checked(url) };
  const { master, addresses, database = 0, username, passwordSecretRef } = sentinel;
  return { kind: 'sentinel', master, addresses, database, username, passwordSecretRef };
}

function registryFrom(registry: NonNullable<Spec['schemaRegistry']>): SchemaRegistry {
  const { url, username, passwordSecretRef, tls } = registry;
  return {
    url: url.replace(/\/+$/, ''),
    login: username === undefined ? undefined : { username, passwordSecretRef: checked(passwordSecretRef) },
    tls: tls && tlsFrom(tls),
  };
}

function inputFrom(input: Spec['input']): Input {
  const { symbol, price, quantity, time } = input.fields;
  return {
    source: sourceFrom(input),
    partitions: input.partitions,
    rekey: input.rekey,
    format: input.format,
    header: input.header,
    delimiter: input.delimiter,
    fields: { symbol: input.key ?? symbol, price, quantity, time },
    timeUnit: input.timeUnit,
    priceDecimals: input.priceDecimals,
    quantityDecimals: input.quantityDecimals,
    priceScale: input.priceScale,
    quantityScale: input.quantityScale,
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

function resourcesFrom({ requests, limits }: NonNullable<Spec['resources']>): PodResources {
  return { ...(requests && { requests: given(requests) }), ...(limits && { limits: given(limits) }) };
}

function given(texts: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).flatMap(([key, text]) => (text ? [[key, text]] : [])));
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
