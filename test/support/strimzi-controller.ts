import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { ApiClient } from '../../src/kube/api-client.ts';
import { KINDS, pathOf } from '../../src/kube/kinds.ts';
import type { KubeObject } from '../../src/operator/kube-object.ts';
import { withAdmin } from './topics.ts';
import { until } from './until.ts';

/**
 * The documented part of Strimzi's topic operator that a pipeline needs, where Strimzi itself cannot run: a KafkaTopic
 * becomes a topic, and its status says Ready or why not. It finalizes nothing: a deleted KafkaTopic leaves its topic.
 */
export class StrimziController {
  readonly #ending = new AbortController();
  readonly #running: Promise<void>;

  constructor(client: ApiClient, namespace: string, brokers: string[]) {
    this.#running = this.#run(client, namespace, brokers);
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  async #run(client: ApiClient, namespace: string, brokers: string[]): Promise<void> {
    while (!this.#ending.signal.aborted) {
      const path = pathOf(KINDS.KafkaTopic, namespace);
      const { items } = (await client.send({ method: 'GET', path })) as { items: KubeObject[] };
      for (const topic of items.filter(isDue)) {
        const status = { ...(await realize(topic, brokers)), observedGeneration: topic.metadata.generation };
        await client.send({
          method: 'PATCH',
          path: `${path}/${topic.metadata.name}/status`,
          contentType: 'application/merge-patch+json',
          body: { status },
        });
      }
      await delay(200);
    }
  }
}

interface TopicStatus {
  readonly observedGeneration?: number;
}

function isDue({ metadata, status }: KubeObject): boolean {
  return (status as TopicStatus | undefined)?.observedGeneration !== metadata.generation;
}

async function realize({ metadata, spec }: KubeObject, brokers: string[]): Promise<object> {
  const { topicName = metadata.name, partitions = 1 } = spec as { topicName?: string; partitions?: number };
  try {
    await withAdmin(brokers, async (admin) => {
      if (await admin.createTopics({ topics: [{ topic: topicName, numPartitions: partitions }] })) return;
      const { topics } = await admin.fetchTopicMetadata({ topics: [topicName] });
      const existing = topics[0].partitions.length;
      if (existing > partitions) throw new Error('Decreasing partitions not supported');
      if (existing < partitions)
        await admin.createPartitions({ topicPartitions: [{ topic: topicName, count: partitions }] });
    });
    return { topicName, topicId: randomUUID(), conditions: [condition('True')] };
  } catch (error) {
    return {
      topicName,
      conditions: [condition('False', error instanceof Error ? error.message : String(error))],
    };
  }
}

function condition(status: 'True' | 'False', message?: string): object {
  const lastTransitionTime = new Date().toISOString();
  return { type: 'Ready', status, lastTransitionTime, ...(message && { reason: 'KafkaError', message }) };
}

/** Installs Strimzi's own CRD of KafkaTopic. */
export async function installKafkaTopicCrd(client: ApiClient): Promise<void> {
  const file = new URL('../fixtures/strimzi/kafkatopic.yaml', import.meta.url);
  const crd = parse(readFileSync(file, 'utf8')) as KubeObject;
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${crd.metadata.name}`;
  await client.send({
    method: 'PATCH',
    path,
    query: { fieldManager: 'test', force: true },
    contentType: 'application/apply-patch+yaml',
    body: crd,
  });
  await until('KafkaTopics are served', async () => {
    await client.send({ method: 'GET', path: pathOf(KINDS.KafkaTopic, 'default') });
    return true;
  });
}
