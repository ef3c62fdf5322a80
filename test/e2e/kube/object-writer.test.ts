import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { EventRecorder } from '../../../src/kube/event-recorder.ts';
import { KINDS, pathOf } from '../../../src/kube/kinds.ts';
import { Term } from '../../../src/kube/lease-elector.ts';
import { ObjectWriter } from '../../../src/kube/object-writer.ts';
import type { KubeObject } from '../../../src/operator/kube-object.ts';
import { KeptLog } from '../../support/kafka-log.ts';
import { kubeCluster } from '../../support/kube-cluster.ts';
import { applyObject, configMap, readObject } from '../../support/kube-objects.ts';

const cluster = kubeCluster();
const MAP = { apiVersion: 'v1', kind: 'ConfigMap' };
let term: Term;
let writer: ObjectWriter;

beforeAll(() => {
  term = new Term(performance.now() + 600_000);
  writer = new ObjectWriter(cluster.client, term);
});

afterAll(() => {
  term.end();
});

test('what is applied again without a change changes nothing', async () => {
  const object = configMap(cluster.namespace, 'same', { a: '1' });
  const first = await writer.apply(object);
  const second = await writer.apply(object);
  expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
});

test('fields that are asked for no more go, and those of others stay', async () => {
  await writer.apply(configMap(cluster.namespace, 'shared', { ours: '1', alsoOurs: '1' }));
  await applyObject(cluster.client, configMap(cluster.namespace, 'shared', { theirs: '1' }));
  const after = await writer.apply(configMap(cluster.namespace, 'shared', { ours: '2' }));
  expect(dataOf(after)).toEqual({ ours: '2', theirs: '1' });
});

test('a change by another is taken back', async () => {
  const object = configMap(cluster.namespace, 'drift', { replicas: '3' });
  await writer.apply(object);
  await applyObject(cluster.client, configMap(cluster.namespace, 'drift', { replicas: '1' }));
  expect(dataOf(await writer.apply(object))).toEqual({ replicas: '3' });
});

test('the one that was meant is deleted, not another that has its name since', async () => {
  const old = await writer.apply(configMap(cluster.namespace, 'renewed', { a: '1' }));
  await writer.remove(old);
  await writer.remove(old);
  await writer.apply(configMap(cluster.namespace, 'renewed', { a: '2' }));
  await writer.remove(old);
  expect(dataOf(await readObject(cluster.client, MAP, cluster.namespace, 'renewed'))).toEqual({ a: '2' });
});

test('what happens again is one event with a count, and what is new is another', async () => {
  const regarding = await writer.apply(configMap(cluster.namespace, 'told', {}));
  const log = new KeptLog();
  const events = new EventRecorder(writer, 'operator-1', log);
  const note = {
    type: 'Warning',
    reason: 'KafkaUnreachable',
    action: 'Create',
    text: 'no broker answers',
  } as const;
  for (let i = 0; i < 5; i++) await events.record(regarding, note);
  await events.record(regarding, { ...note, reason: 'Created', text: 'created' });
  const { items } = (await cluster.client.send({
    method: 'GET',
    path: pathOf(KINDS.Event, cluster.namespace),
  })) as { items: (KubeObject & { reason: string; note: string; regarding: { name: string } })[] };
  const ofIt = items.filter((event) => event.regarding.name === 'told');
  expect(ofIt.map(({ reason }) => reason).sort()).toEqual(['Created', 'KafkaUnreachable']);
  expect(log.kept).toEqual([]);
});

function dataOf(object: KubeObject | undefined): unknown {
  return (object as { data?: unknown } | undefined)?.data;
}
