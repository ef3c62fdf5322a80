import { desiredPipeline, type ClusterPipeline } from './desired-pipeline.ts';
import { keyOf, type KubeObject } from './kube-object.ts';

/**
 * A pipeline's name is its identity in Kafka (group, transactional ids) and in Redis (keys), where there are no
 * namespaces: two of one name would take each other's partitions and checkpoints. The older one keeps the name; returns
 * what the younger has to be told, or undefined.
 */
export function nameTaken(
  resource: KubeObject,
  pipeline: ClusterPipeline,
  all: Iterable<KubeObject>,
): string | undefined {
  const mine = placesOf(resource, pipeline);
  for (const other of all) {
    if (other.metadata.name !== resource.metadata.name || keyOf(other) === keyOf(resource)) continue;
    if (!isOlder(other, resource)) continue;
    const theirs = desiredPipeline(other).pipeline;
    if (theirs === undefined) continue;
    const shared = placesOf(other, theirs).find((place) => mine.includes(place));
    if (shared === undefined) continue;
    return (
      `metadata.name: the pipeline ${keyOf(other)} has this name already and uses the same ${shared}: ` +
      'give this one another name, for its consumer group and its checkpoints are called by it'
    );
  }
  return undefined;
}

function isOlder(a: KubeObject, b: KubeObject): boolean {
  const age = (of: KubeObject) => `${of.metadata.creationTimestamp ?? ''} ${keyOf(of)}`;
  return age(a) < age(b);
}

/** `Kafka at kafka.trading.svc:9092`, `Redis at ...`: as they are reached from the whole cluster. */
function placesOf({ metadata }: KubeObject, { kafka, redis }: ClusterPipeline): string[] {
  const { namespace = '' } = metadata;
  const brokers =
    kafka.brokers.kind === 'servers' ? kafka.brokers.addresses : [`${kafka.brokers.name}/${namespace}`];
  return [
    ...brokers.map((address) => `Kafka at ${seenFromAfar(address, namespace)}`),
    ...redisAddresses(redis).map((address) => `Redis at ${seenFromAfar(address, namespace)}`),
  ];
}

function redisAddresses(redis: ClusterPipeline['redis']): readonly string[] {
  if (redis === undefined) return [];
  const { servers } = redis;
  if (servers.kind !== 'single') return servers.addresses;
  const { hostname, port, pathname } = new URL(servers.url);
  return [`${hostname}:${port === '' ? '6379' : port}${pathname === '/' ? '' : pathname}`];
}

/** A name without a dot is a Service of the resource's own namespace. */
function seenFromAfar(address: string, namespace: string): string {
  const [, host = '', rest = ''] = /^([^:/]*)(.*)$/.exec(address) ?? [];
  const parts = host.replace(/\.svc(\.cluster\.local)?$/, '').split('.');
  return host === '' ? address : `${parts.length === 1 ? `${host}.${namespace}` : parts.join('.')}${rest}`;
}
