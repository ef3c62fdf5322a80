import { afterEach, expect, test } from '@jest/globals';
import { ApiClient } from '../../../src/kube/api-client.ts';
import { LeaseElector, type Term } from '../../../src/kube/lease-elector.ts';
import { ObjectWriter } from '../../../src/kube/object-writer.ts';
import { ApiProxy } from '../../support/api-proxy.ts';
import { KeptLog } from '../../support/kafka-log.ts';
import { kubeCluster } from '../../support/kube-cluster.ts';
import { configMap, readObject } from '../../support/kube-objects.ts';
import { until } from '../../support/until.ts';

const cluster = kubeCluster();
const TIMES = { durationMs: 3_000, renewWithinMs: 1_800, retryMs: 300 };
let candidates: Candidate[] = [];
let number = 0;

afterEach(async () => {
  await Promise.all(candidates.map((candidate) => candidate.stop()));
  candidates = [];
});

test('one of several leads, and when it ends in order another does at once', async () => {
  const name = newLease();
  const [first, second] = [await candidate(name, 'first'), await candidate(name, 'second')];
  await until('one leads', () => leaders().length === 1);
  const [leader] = leaders();
  const releasedMs = performance.now();
  await leader.stop();
  const other = leader === first ? second : first;
  await until('the other leads', () => other.leads, 2_000);
  expect(performance.now() - releasedMs).toBeLessThan(TIMES.durationMs);
  expect(overlaps()).toEqual([]);
});

test('a leader that is cut off from the API server stops before another starts', async () => {
  const name = newLease();
  const first = await candidate(name, 'first');
  await until('the first leads', () => first.leads);
  const second = await candidate(name, 'second');
  first.proxy.fault = () => 'stall';
  await until('the second leads', () => second.leads);
  expect(first.leads).toBe(false);
  expect(overlaps()).toEqual([]);
  first.proxy.fault = () => undefined;
  await until('both know who leads', () => leaders().length === 1);
});

test('a lease that cannot be renewed for a while is kept if that ends in time', async () => {
  const name = newLease();
  const first = await candidate(name, 'first');
  await until('it leads', () => first.leads);
  const answers = [409, 500];
  first.proxy.fault = ({ method }) =>
    method === 'PUT' && answers.length > 0 ? { answer: answers.shift() ?? 0 } : undefined;
  await until('it is renewed after all', () => {
    const last = first.proxy.seen.findLast(({ method }) => method === 'PUT');
    return answers.length === 0 && last?.status === 200;
  });
  expect(first.terms).toHaveLength(1);
  expect(first.leads).toBe(true);
});

test('renewals whose answers are lost hold up nobody for longer than the lease lasts', async () => {
  const name = newLease();
  const first = await candidate(name, 'first');
  await until('it leads', () => first.leads);
  const second = await candidate(name, 'second');
  first.proxy.fault = ({ method }) => (method === 'PUT' ? 'lose answer' : undefined);
  await until('the first has stopped', () => !first.leads);
  first.proxy.fault = () => 'reset';
  await until('the second leads', () => second.leads);
  expect(overlaps()).toEqual([]);
});

test('nothing is written after the term: neither what begins then nor what is under way', async () => {
  const name = newLease();
  const first = await candidate(name, 'first');
  await until('it leads', () => first.leads);
  const term = first.terms[0].term;
  const writer = new ObjectWriter(first.client, term);
  await writer.apply(configMap(cluster.namespace, 'written', { by: 'first' }));
  first.proxy.fault = () => 'stall';
  const underWay = writer
    .apply(configMap(cluster.namespace, 'under-way', { by: 'first' }))
    .catch((error: unknown) => error);
  await until('the term is over', () => term.isOver);
  expect(await underWay).toMatchObject({ code: 'KUBE_API' });
  first.proxy.fault = () => undefined;
  await expect(writer.apply(configMap(cluster.namespace, 'too-late', { by: 'first' }))).rejects.toMatchObject(
    {
      code: 'LEASE_LOST',
    },
  );
  const written = await Promise.all(
    ['written', 'under-way', 'too-late'].map((each) =>
      readObject(cluster.client, { apiVersion: 'v1', kind: 'ConfigMap' }, cluster.namespace, each),
    ),
  );
  expect(written.map((object) => object?.metadata.name)).toEqual(['written', undefined, undefined]);
});

interface Candidate {
  readonly proxy: ApiProxy;
  readonly client: ApiClient;
  /** From when until when it held itself to be the leader. */
  readonly terms: { term: Term; fromMs: number; untilMs: number | undefined }[];
  readonly leads: boolean;
  stop(): Promise<void>;
}

async function candidate(name: string, identity: string): Promise<Candidate> {
  const proxy = await ApiProxy.start(cluster.connection);
  const client = new ApiClient(proxy.connection);
  const ending = new AbortController();
  const terms: Candidate['terms'] = [];
  const elector = new LeaseElector(client, {
    namespace: cluster.namespace,
    name,
    identity,
    times: TIMES,
    logger: new KeptLog(),
    random: Math.random,
  });
  const running = elector.run(async (term) => {
    const served: Candidate['terms'][number] = { term, fromMs: performance.now(), untilMs: undefined };
    terms.push(served);
    await new Promise((resolve) => {
      term.signal.addEventListener('abort', resolve, { once: true });
    });
    served.untilMs = performance.now();
  }, ending.signal);
  const made: Candidate = {
    proxy,
    client,
    terms,
    get leads() {
      const last = terms.at(-1);
      return last !== undefined && last.untilMs === undefined;
    },
    stop: async () => {
      ending.abort();
      await running;
      client.close();
      await proxy.close();
    },
  };
  candidates.push(made);
  return made;
}

function leaders(): Candidate[] {
  return candidates.filter(({ leads }) => leads);
}

/** Pairs of terms, of whichever candidates, that ran at the same time. */
function overlaps(): unknown[] {
  const all = candidates.flatMap(({ terms }) => terms).sort((a, b) => a.fromMs - b.fromMs);
  return all.filter(({ fromMs }, index) => index > 0 && (all[index - 1].untilMs ?? Infinity) > fromMs);
}

function newLease(): string {
  return `lease-${++number}`;
}
