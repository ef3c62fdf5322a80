import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import {
  groupIdOf,
  rekeyedTopicOf,
  rekeyGroupIdOf,
  transactionalIdPrefix,
} from '../../src/resource/kafka-names.ts';
import type { Pipeline } from '../../src/resource/pipeline.ts';

export interface PipelineUserOptions {
  readonly cluster: string;
  readonly pipeline: Pipeline;
  readonly logIn: 'password' | 'certificate';
}

/**
 * The user of one pipeline, with the least that exactly-once takes: to read its input, to write its outputs, the
 * consumer groups of its stages and their transactions. Strimzi puts the password or the certificate into a Secret of this name.
 */
export function addPipelineUser(scope: Construct, { cluster, pipeline, logIn }: PipelineUserOptions): void {
  const { name, input, output, late, deadLetters } = pipeline;
  const topics = (...places: ({ kind: string; topic?: string } | undefined)[]) =>
    places.flatMap((place) => place?.topic ?? []);
  const [source] = topics(input.source);
  const stages = input.rekey
    ? [
        [groupIdOf(name), rekeyedTopicOf(name)],
        [rekeyGroupIdOf(name), source],
      ]
    : [[groupIdOf(name), source]];
  new ApiObject(scope, 'kafka-user', {
    apiVersion: 'kafka.strimzi.io/v1',
    kind: 'KafkaUser',
    metadata: { name, labels: { 'strimzi.io/cluster': cluster } },
    spec: {
      authentication: { type: logIn === 'password' ? 'scram-sha-512' : 'tls' },
      authorization: {
        type: 'simple',
        acls: [
          ...topics(input.source).map((topic) => grant('topic', topic, ['Describe', 'Read'])),
          ...topics(output.destination, late, deadLetters).map((topic) =>
            grant('topic', topic, ['Describe', 'Write']),
          ),
          ...(input.rekey ? [grant('topic', rekeyedTopicOf(name), ['Describe', 'Read', 'Write'])] : []),
          ...stages.flatMap(([group, topic]) => [
            grant('group', group, ['Describe', 'Read']),
            grant('transactionalId', transactionalIdPrefix(group, topic), ['Describe', 'Write'], 'prefix'),
          ]),
        ],
      },
    },
  });
}

function grant(
  type: string,
  name: string,
  operations: string[],
  patternType: 'literal' | 'prefix' = 'literal',
) {
  return { resource: { type, name, patternType }, operations };
}
