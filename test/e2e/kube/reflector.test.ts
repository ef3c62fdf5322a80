import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ApiClient } from '../../../src/kube/api-client.ts';
import { KINDS } from '../../../src/kube/kinds.ts';
import { listAll } from '../../../src/kube/list.ts';
import { Reflector } from '../../../src/kube/reflector.ts';
import { keyOf, type KubeObject } from '../../../src/operator/kube-object.ts';
import { ApiProxy, type Fault, type ProxiedRequest } from '../../support/api-proxy.ts';
import { KeptLog } from '../../support/kafka-log.ts';
import { kubeCluster } from '../../support/kube-cluster.ts';
import { applyObject, configMap, removeObject } from '../../support/kube-objects.ts';
import { until } from '../../support/until.ts';

const cluster = kubeCluster();
let proxy: ApiProxy;
let client: ApiClient;
let ending: AbortController;
let running: Promise<void>;
let number = 0;

beforeEach(async () => {
  proxy = await ApiProxy.start(cluster.connection);
  client = new ApiClient(proxy.connection);
  ending = new AbortController();
  running = Promise.resolve();
});

afterEach(async () => {
  ending.abort();
  await running;
  client.close();
  await proxy.close();
});

test('a copy follows what comes, changes and goes, and tells of each once', async () => {
  const { reflector, told, label } = start();
  await reflector.synced;
  await create(label, 'one', '1');
  await create(label, 'two', '1');
  await create(label, 'one', '2');
  await remove(label, 'two');
  await until('the copy is as the cluster', () => values(reflector) === 'one=2');
  expect(told).toEqual(['one=1', 'two=1', 'one=2', 'two gone']);
});

test('a list of many pages is one copy', async () => {
  const label = newLabel();
  for (let i = 0; i < 7; i++) await create(label, `page-${i}`, 'x');
  const { namespace } = cluster;
  const listed = await listAll(client, {
    kind: KINDS.ConfigMap,
    namespace,
    labelSelector: `tidemark.dev/test=${label}`,
    pageSize: 2,
  });
  expect(listed.items).toHaveLength(7);
  expect(proxy.seen).toHaveLength(4);
});

const troubles: Record<string, () => void> = {
  'watches that are dropped': () => {
    proxy.dropWatches();
  },
  'a watch whose version is too old (410 as an event)': () => {
    proxy.tellWatches({
      type: 'ERROR',
      object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' },
    });
  },
  'watches that are refused as too old (410 as the answer)': () => {
    failing(2, (request) => (request.isWatch ? { answer: 410 } : undefined));
    proxy.dropWatches();
  },
  'an API server that is overloaded (429 with Retry-After)': () => {
    failing(3, () => ({ answer: 429, retryAfterS: 1 }));
    proxy.dropWatches();
  },
  'an API server that fails (500)': () => {
    failing(4, () => ({ answer: 500 }));
    proxy.dropWatches();
  },
  'connections that are reset': () => {
    failing(4, () => 'reset');
    proxy.dropWatches();
  },
  'a watch that is silent though its connection stands': () => {
    proxy.muteWatches();
  },
  'a request that is never answered': () => {
    failing(1, () => 'stall');
    proxy.dropWatches();
  },
  'an in-stream error and lists that fail': () => {
    failing(3, (request) => (request.isWatch ? undefined : { answer: 500 }));
    proxy.tellWatches({
      type: 'ERROR',
      object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' },
    });
  },
};

test.each(Object.keys(troubles))(
  'after %s the copy is as the cluster, with nothing missed',
  async (trouble) => {
    const { reflector, told, label } = start();
    await create(label, 'kept', '1');
    await create(label, 'deleted', '1');
    await until('the copy is as the cluster', () => values(reflector) === 'deleted=1,kept=1');
    troubles[trouble]();
    await create(label, 'kept', '2');
    await remove(label, 'deleted');
    await create(label, 'new', '1');
    await until('the copy is as the cluster', () => values(reflector) === 'kept=2,new=1');
    expect(told.filter((each) => each === 'deleted gone')).toHaveLength(1);
    expect(told.filter((each) => each === 'kept=2')).toHaveLength(1);
  },
);

test('an object that was replaced by another of its name is told of as gone and come', async () => {
  const { reflector, told, label } = start();
  await create(label, 'twice', '1');
  await until('it is there', () => values(reflector) === 'twice=1');
  failing(2, () => ({ answer: 410 }));
  proxy.dropWatches();
  await remove(label, 'twice');
  await create(label, 'twice', '2');
  await until('it is another', () => values(reflector) === 'twice=2');
  expect(told).toEqual(['twice=1', 'twice gone', 'twice=2']);
});

test('a kind whose CRD is missing has no objects, and is looked for again', async () => {
  const reflector = new Reflector(client, {
    kind: { apiVersion: 'nowhere.tidemark.dev/v1', kind: 'Nothing', plural: 'nothings' },
    namespace: cluster.namespace,
    isOptional: true,
    onChange: () => undefined,
    logger: new KeptLog(),
    random: Math.random,
  });
  running = reflector.run(ending.signal);
  await reflector.synced;
  expect(reflector.isMissing).toBe(true);
});

function start() {
  const label = newLabel();
  const told: string[] = [];
  const reflector = new Reflector(client, {
    kind: KINDS.ConfigMap,
    namespace: cluster.namespace,
    labelSelector: `tidemark.dev/test=${label}`,
    onChange: (object, isGone) => told.push(isGone ? `${nameOf(object)} gone` : valueOf(object)),
    logger: new KeptLog(),
    random: Math.random,
    silenceMs: 2_000,
  });
  running = reflector.run(ending.signal);
  return { reflector, told, label };
}

/** The next `times` requests fail so, where `which` says. */
function failing(times: number, which: (request: ProxiedRequest) => Fault | undefined): void {
  let left = times;
  proxy.fault = (request) => {
    const fault = left > 0 ? which(request) : undefined;
    if (fault !== undefined) left -= 1;
    return fault;
  };
}

function newLabel(): string {
  return `reflector-${++number}`;
}

function create(label: string, name: string, value: string): Promise<KubeObject> {
  return applyObject(cluster.client, configMap(cluster.namespace, `${label}-${name}`, { value }, label));
}

function remove(label: string, name: string): Promise<void> {
  return removeObject(cluster.client, configMap(cluster.namespace, `${label}-${name}`, {}, label));
}

function values(reflector: Reflector): string {
  return [...reflector.all()]
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
    .map(valueOf)
    .join();
}

function valueOf(object: KubeObject): string {
  return `${nameOf(object)}=${(object as KubeObject & { data: { value: string } }).data.value}`;
}

function nameOf({ metadata }: KubeObject): string {
  return metadata.name.replace(/^reflector-\d+-/, '');
}
