import { pino } from 'pino';
import { strimziBootstrap } from '../../cdk8s/pipeline/kafka-addresses.ts';
import { groupPartitions, type PartitionStanding } from '../kafka/group-partitions.ts';
import { kafkaClient } from '../kafka/kafka-client.ts';
import { kafkaTrouble } from '../kafka/kafka-trouble.ts';
import { ApiClient } from '../kube/api-client.ts';
import { hasStatus } from '../kube/api-error.ts';
import { findConnection } from '../kube/connection.ts';
import { KINDS, pathOf } from '../kube/kinds.ts';
import { listAll } from '../kube/list.ts';
import { desiredPipeline, type ClusterPipeline } from '../operator/desired-pipeline.ts';
import type { KubeObject } from '../operator/kube-object.ts';
import { TidemarkError } from '../pipeline/error.ts';
import { PIPELINE_LABEL } from '../resource/cluster-names.ts';
import { groupIdOf, rekeyedTopicOf } from '../resource/kafka-names.ts';
import { kafkaConnection } from './connections.ts';
import { FetchedSecrets, fetchKafkaSecrets } from './fetched-secrets.ts';
import type { StatusFlags } from './status-command.ts';
import { podOf, statusText, type PartitionsShown, type Shown } from './status-text.ts';

/**
 * How the pipeline is, as text or a line of JSON. Kafka that cannot be reached from here is told and no error. Throws an
 * ApiError, or a TidemarkError: STATUS_NO_PIPELINE, STATUS_NO_CRD, and as `findConnection` does.
 */
export async function status(name: string, { namespace, brokers, json }: StatusFlags): Promise<string> {
  const connection = await findConnection();
  const client = new ApiClient(connection);
  const within = namespace ?? connection.namespace;
  try {
    const resource = await pipelineNamed(client, within, name);
    const labelSelector = `${PIPELINE_LABEL}=${name}`;
    const { items } = await listAll(client, { kind: KINDS.Pod, namespace: within, labelSelector });
    const partitions = await partitionsOf(client, within, resource, brokers);
    const shown: Shown = { resource, pods: items.map(podOf), partitions };
    return json === true ? `${JSON.stringify(asJson(shown))}\n` : statusText(shown, Date.now());
  } finally {
    client.close();
  }
}

async function pipelineNamed(client: ApiClient, namespace: string, name: string): Promise<KubeObject> {
  try {
    const path = pathOf(KINDS.MovingAverage, namespace, name);
    return (await client.send({ method: 'GET', path })) as KubeObject;
  } catch (error) {
    if (!hasStatus(error, 404)) throw error;
  }
  const others = await namesIn(client, namespace);
  throw new TidemarkError(
    'STATUS_NO_PIPELINE',
    `there is no MovingAverage ${name} in the namespace ${namespace}`,
    others.length === 0
      ? 'Nor is there any other there: give --namespace, or see kubectl get movingaverages --all-namespaces.'
      : `Those that are: ${others.join(', ')}. Another namespace is named by --namespace.`,
  );
}

async function namesIn(client: ApiClient, namespace: string): Promise<string[]> {
  try {
    const { items } = await listAll(client, { kind: KINDS.MovingAverage, namespace });
    return items.map(({ metadata }) => metadata.name);
  } catch (error) {
    if (!hasStatus(error, 404)) throw error;
    throw new TidemarkError(
      'STATUS_NO_CRD',
      'this cluster knows no MovingAverages',
      'Install the operator, docs/operations.md says how; or choose another cluster: kubectl config use-context NAME.',
    );
  }
}

async function partitionsOf(
  client: ApiClient,
  namespace: string,
  resource: KubeObject,
  brokers: string | undefined,
): Promise<PartitionsShown> {
  const { pipeline } = desiredPipeline(resource);
  if (pipeline === undefined) return { why: 'the spec has mistakes, see Degraded' };
  try {
    return { standings: await standingsOf(client, namespace, pipeline, brokers) };
  } catch (error) {
    if (!(error instanceof TidemarkError)) throw error;
    return { why: error.message };
  }
}

async function standingsOf(
  client: ApiClient,
  namespace: string,
  pipeline: ClusterPipeline,
  brokers: string | undefined,
): Promise<PartitionStanding[]> {
  const secrets = new FetchedSecrets(await fetchKafkaSecrets(client, namespace, pipeline));
  const where = brokers ?? process.env.TIDEMARK_KAFKA_BROKERS ?? strimziBootstrap(pipeline, namespace);
  const env = where === undefined ? {} : { TIDEMARK_KAFKA_BROKERS: where };
  const connection = kafkaConnection(pipeline.kafka, secrets, env);
  const logger = pino({ level: 'silent' }); // what goes wrong is told once, in the place of the figures
  const kafka = kafkaClient({ ...connection, clientId: 'tidemark-status', logger, retries: 1 });
  try {
    const { name, input } = pipeline;
    // Of a re-keyed input: those that windows are computed of.
    const topic = input.rekey ? rekeyedTopicOf(name) : input.source.topic;
    return await groupPartitions(kafka, groupIdOf(name), topic);
  } catch (error) {
    throw kafkaTrouble(error, connection);
  }
}

function asJson({ resource, pods, partitions }: Shown): object {
  const { name, namespace, generation } = resource.metadata;
  const figures =
    'standings' in partitions
      ? { partitions: partitions.standings }
      : { partitions: null, partitionsUnknown: partitions.why };
  return { name, namespace, generation, status: resource.status ?? {}, pods, ...figures };
}
