import { strimziBootstrap } from '../../cdk8s/pipeline/kafka-addresses.ts';
import { AdminConnections, type Admin, type Kafka } from '../kafka/admin-connections.ts';
import { evictMember } from '../kafka/evict.ts';
import { groupLoad, loadOfStages } from '../kafka/group-load.ts';
import { kafkaClient } from '../kafka/kafka-client.ts';
import { createTopics, groupProgress, growTopic, removeTopics, seenTopics } from '../kafka/topic-admin.ts';
import type { ApiClient } from '../kube/api-client.ts';
import type { PipelineAt, PipelineKafka } from '../operator/ports.ts';
import type { Logger } from '../pipeline/logger.ts';
import { kafkaConnection } from './connections.ts';
import { groupIdOf, rekeyedTopicOf, rekeyGroupIdOf } from '../resource/kafka-names.ts';
import { FetchedSecrets, fetchKafkaSecrets } from './fetched-secrets.ts';

/** The Kafka of each pipeline, with its login out of Secrets. */
export class OperatorKafka implements PipelineKafka {
  readonly #client: ApiClient;
  readonly #logger: Logger;
  readonly #admins = new AdminConnections((access) => this.#kafka(JSON.parse(access) as Access));

  constructor(client: ApiClient, logger: Logger) {
    this.#client = client;
    this.#logger = logger;
  }

  seenTopics(of: PipelineAt, names: readonly string[]) {
    return this.#use(of, (admin) => seenTopics(admin, names));
  }

  createTopics(of: PipelineAt, topics: Parameters<PipelineKafka['createTopics']>[1]) {
    return this.#use(of, (admin) => createTopics(admin, topics));
  }

  growTopic(of: PipelineAt, name: string, partitions: number) {
    return this.#use(of, (admin) => growTopic(admin, name, partitions));
  }

  removeTopics(of: PipelineAt, names: readonly string[]) {
    return this.#use(of, (admin) => removeTopics(admin, names));
  }

  progress(of: PipelineAt) {
    const { name, input } = of.pipeline;
    const { topic } = input.source;
    return this.#use(of, async (admin) => {
      if (!input.rekey) return groupProgress(admin, groupIdOf(name), topic);
      const [before, windows] = await Promise.all([
        groupProgress(admin, rekeyGroupIdOf(name), topic),
        groupProgress(admin, groupIdOf(name), rekeyedTopicOf(name)),
      ]);
      return { ...windows, lagRecords: before.lagRecords + windows.lagRecords };
    });
  }

  load(of: PipelineAt) {
    const { name, input } = of.pipeline;
    const { topic } = input.source;
    const nowMs = () => performance.now();
    return this.#use(of, async (admin) => {
      if (!input.rekey) return groupLoad(admin, groupIdOf(name), topic, nowMs);
      const before = { groupId: rekeyGroupIdOf(name), topic };
      return loadOfStages(admin, before, { groupId: groupIdOf(name), topic: rekeyedTopicOf(name) }, nowMs);
    });
  }

  async evict(of: PipelineAt, instance: string): Promise<number> {
    const kafka = this.#kafka(await this.#accessTo(of));
    const { name, input } = of.pipeline;
    const groups = [groupIdOf(name), ...(input.rekey ? [rekeyGroupIdOf(name)] : [])];
    const removed = await Promise.all(groups.map((groupId) => evictMember(kafka, groupId, instance)));
    return removed.flat().length;
  }

  close(): Promise<void> {
    return this.#admins.close();
  }

  async #use<T>(of: PipelineAt, work: (admin: Admin) => Promise<T>): Promise<T> {
    return this.#admins.use(JSON.stringify(await this.#accessTo(of)), work);
  }

  async #accessTo({ namespace, pipeline }: PipelineAt): Promise<Access> {
    const secrets = await fetchKafkaSecrets(this.#client, namespace, pipeline);
    return { kafka: pipeline.kafka, bootstrap: strimziBootstrap(pipeline, namespace), secrets };
  }

  #kafka({ kafka, bootstrap, secrets }: Access): Kafka {
    const env = bootstrap === undefined ? {} : { TIDEMARK_KAFKA_BROKERS: bootstrap };
    return kafkaClient({
      ...kafkaConnection(kafka, new FetchedSecrets(secrets), env),
      clientId: 'tidemark-operator',
      logger: this.#logger,
      retries: RETRIES,
    });
  }
}

/** All that decides how a pipeline's Kafka is talked to: where any of it changes, the connection is another. */
interface Access {
  readonly kafka: PipelineAt['pipeline']['kafka'];
  readonly bootstrap: string | undefined;
  /** By `name/key`. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** Brokers that do not answer are asked again by the queue, and the status says so meanwhile. */
const RETRIES = 4;
