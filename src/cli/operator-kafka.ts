import { strimziBootstrap } from '../../cdk8s/pipeline/kafka-addresses.ts';
import { AdminConnections, type Admin, type Kafka } from '../kafka/admin-connections.ts';
import { evictMember } from '../kafka/evict.ts';
import { kafkaClient } from '../kafka/kafka-client.ts';
import { createTopics, groupProgress, growTopic, removeTopics, seenTopics } from '../kafka/topic-admin.ts';
import type { ApiClient } from '../kube/api-client.ts';
import { secretValue } from '../kube/secret-value.ts';
import type { PipelineAt, PipelineKafka } from '../operator/ports.ts';
import type { Logger } from '../pipeline/logger.ts';
import type { SecretRef } from '../resource/pipeline.ts';
import { groupIdOf } from './group-id.ts';

/** The Kafka of each pipeline, with its login out of Secrets. */
export class OperatorKafka implements PipelineKafka {
  readonly #client: ApiClient;
  readonly #logger: Logger;
  readonly #admins = new AdminConnections((login) => this.#kafka(JSON.parse(login) as Login));

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
    const { pipeline } = of;
    return this.#use(of, (admin) =>
      groupProgress(admin, groupIdOf(pipeline.name), pipeline.input.source.topic),
    );
  }

  async evict(of: PipelineAt, instance: string): Promise<number> {
    const kafka = this.#kafka(await this.#loginOf(of));
    return (await evictMember(kafka, groupIdOf(of.pipeline.name), instance)).length;
  }

  close(): Promise<void> {
    return this.#admins.close();
  }

  async #use<T>(of: PipelineAt, work: (admin: Admin) => Promise<T>): Promise<T> {
    return this.#admins.use(JSON.stringify(await this.#loginOf(of)), work);
  }

  async #loginOf({ namespace, pipeline }: PipelineAt): Promise<Login> {
    const { brokers, tls, sasl } = pipeline.kafka;
    const bootstrap = strimziBootstrap(pipeline, namespace);
    const secret = (ref: SecretRef) => secretValue(this.#client, namespace, ref);
    const { caSecretRef, certificateSecretRef: own } = tls ?? {};
    return {
      brokers: brokers.kind === 'servers' ? brokers.addresses : [bootstrap ?? ''],
      ...(tls && {
        tls: {
          ...(caSecretRef && { ca: await secret(caSecretRef) }),
          ...(own && {
            cert: await secret({ name: own.name, key: own.certificate }),
            key: await secret({ name: own.name, key: own.privateKey }),
          }),
        },
      }),
      ...(sasl && {
        sasl: {
          mechanism: sasl.mechanism,
          username: sasl.username,
          password: await secret(sasl.passwordSecretRef),
        },
      }),
    };
  }

  #kafka({ brokers, tls, sasl }: Login): Kafka {
    return kafkaClient({
      brokers: [...brokers],
      clientId: 'tidemark-operator',
      ...(tls && { ssl: tls }),
      ...(sasl && { sasl: sasl as NonNullable<Parameters<typeof kafkaClient>[0]['sasl']> }),
      logger: this.#logger,
      retries: RETRIES,
    });
  }
}

interface Login {
  readonly brokers: readonly string[];
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly sasl?: { readonly mechanism: string; readonly username: string; readonly password: string };
}

/** Brokers that do not answer are asked again by the queue, and the status says so meanwhile. */
const RETRIES = 4;
