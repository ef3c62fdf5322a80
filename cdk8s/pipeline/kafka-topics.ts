import { createHash } from 'node:crypto';
import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import type { Pipeline } from '../../src/resource/pipeline.ts';
import { rekeyedTopic } from '../../src/resource/rekeyed-topic.ts';
import { ownedMetadata, type PipelineContext } from './pipeline-context.ts';

/**
 * The topics of a pipeline as Strimzi's topic operator makes them. They outlive the pipeline unless its deletionPolicy
 * is Delete: only then do they have an owner.
 */
export function addKafkaTopics(scope: Construct, context: PipelineContext, cluster: string): void {
  const { pipeline } = context;
  const between = rekeyedTopic(pipeline);
  const topics = [...topicsOf(pipeline), ...(between === undefined ? [] : [between.name])];
  const names = topicObjectNames(topics);
  for (const topic of topics) {
    const name = names.get(topic) ?? topic;
    const metadata = pipeline.deletionPolicy === 'Delete' ? ownedMetadata(context, name) : { name };
    new ApiObject(scope, `topic-${name}`, {
      apiVersion: 'kafka.strimzi.io/v1',
      kind: 'KafkaTopic',
      metadata: { ...metadata, labels: { 'strimzi.io/cluster': cluster } },
      spec: {
        topicName: topic,
        ...(pipeline.input.partitions !== undefined && { partitions: pipeline.input.partitions }),
        ...(topic === between?.name && { config: between.config }),
      },
    });
  }
}

/** The input and what is written, each once. All have as many partitions: a symbol keeps to one throughout. */
function topicsOf({ input, output, late, deadLetters }: Pipeline): string[] {
  const places = [input.source, output.destination, late, deadLetters];
  return [...new Set(places.flatMap((place) => (place?.kind === 'topic' ? [place.topic] : [])))];
}

/**
 * Kafka's names as names of objects (RFC 1123): `stocks_averages` becomes `stocks-averages`. Where more than an
 * underscore would be lost, or two would become one, a hash of the topic keeps them apart.
 */
export function topicObjectNames(topics: readonly string[]): ReadonlyMap<string, string> {
  const plain = topics.map((topic) => ({ topic, name: topic.replaceAll('_', '-') }));
  return new Map(
    plain.map(({ topic, name }) => {
      const isAlone = plain.every((other) => other.topic === topic || other.name !== name);
      return [topic, isAlone && OBJECT_NAME.test(name) ? name : hashedName(topic)];
    }),
  );
}

const OBJECT_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

function hashedName(topic: string): string {
  const hash = createHash('sha256').update(topic).digest('hex').slice(0, 10);
  const legible = topic
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 100);
  return legible === '' ? `topic-${hash}` : `${legible}-${hash}`;
}
