import { createInterface } from 'node:readline/promises';
import { pino } from 'pino';
import { kafkaClient } from '../kafka/kafka-client.ts';
import { kafkaTrouble, topicsMissing } from '../kafka/kafka-trouble.ts';
import * as kafkaTopics from '../kafka/topics.ts';
import { EXIT, TidemarkError } from '../pipeline/error.ts';
import type { Pipeline } from '../resource/pipeline.ts';
import { rekeyedTopic } from '../resource/rekeyed-topic.ts';
import { namedKafka, type KafkaFlags } from './kafka-flags.ts';
import { accessNeeds } from './pipeline-topics.ts';
import { plainTable } from './plain-table.ts';
import type { CreateFlags, TopicsFlags } from './topics-command.ts';

/*
 * What the commands of `tidemark topics` do; each returns what it prints, and throws a TidemarkError. Names are checked
 * by Kafka itself, whose rules they are.
 */

export async function create(names: readonly string[], flags: CreateFlags): Promise<string> {
  return inKafka(flags, async (kafka, pipeline) => {
    const topics = names.length > 0 ? names : topicsOf(pipeline);
    const between = pipeline && rekeyedTopic(pipeline);
    const { partitions = pipeline?.input.partitions, replication, retention } = flags;
    const config = {
      ...(retention === undefined ? {} : { 'retention.ms': String(retention) }),
      ...flags.config,
    };
    const plans = topics.map((topic) => ({
      ...{ topic, partitions, replicas: replication },
      config: topic === between?.name ? { ...between.config, ...config } : config,
    }));
    const isNew = await kafkaTopics.createTopics(kafka, plans);
    const outcomes = topics.map((topic, i) => ({ topic, created: isNew[i] }));
    if (flags.json) return `${JSON.stringify(outcomes)}\n`;
    return outcomes
      .map(({ topic, created }) => (created ? `created ${topic}\n` : `${topic} exists and stays as it is\n`))
      .join('');
  });
}

export async function list(flags: TopicsFlags & { all?: true }): Promise<string> {
  return inKafka(flags, async (kafka) => {
    const every = await kafkaTopics.listTopics(kafka);
    const shown = flags.all ? every : every.filter(({ topic }) => !topic.startsWith('__'));
    if (flags.json) return `${JSON.stringify(shown)}\n`;
    return plainTable(
      ['TOPIC', 'PARTITIONS', 'REPLICAS', 'OFFSETS'],
      shown.map(({ topic, partitions, replicas, offsets }) => [topic, partitions, replicas, offsets]),
    );
  });
}

export async function describe(topic: string, flags: TopicsFlags): Promise<string> {
  return inKafka(flags, async (kafka) => {
    const found = await kafkaTopics.describeTopic(kafka, topic);
    if (found === undefined) throw topicsMissing([topic], LIST);
    return flags.json ? `${JSON.stringify(found)}\n` : inWords(found);
  });
}

export async function remove(names: readonly string[], flags: TopicsFlags & { yes?: true }): Promise<string> {
  return inKafka(flags, async (kafka) => {
    const found = await Promise.all(names.map((name) => kafkaTopics.describeTopic(kafka, name)));
    const missing = names.filter((_, i) => found[i] === undefined);
    if (missing.length > 0) throw topicsMissing(missing, LIST);
    if (!flags.yes) await askFirst(found.filter((each) => each !== undefined));
    await kafkaTopics.deleteTopics(kafka, names);
    return flags.json
      ? `${JSON.stringify({ deleted: names })}\n`
      : names.map((name) => `deleted ${name}\n`).join('');
  });
}

const LIST = '`tidemark topics list` shows those that there are.';

async function inKafka(
  flags: KafkaFlags,
  work: (kafka: ReturnType<typeof kafkaClient>, pipeline: Pipeline | undefined) => Promise<string>,
): Promise<string> {
  const { connection, pipeline } = await namedKafka(flags);
  const logger = pino({ level: 'silent' }); // what goes wrong is told once, as the error
  const kafka = kafkaClient({ ...connection, clientId: 'tidemark-topics', logger, retries: 3 });
  try {
    return await work(kafka, pipeline);
  } catch (error) {
    throw kafkaTrouble(error, connection);
  }
}

function topicsOf(pipeline: Pipeline | undefined): string[] {
  if (pipeline === undefined) throw usage('no topic is named', 'Name topics, or give --pipeline FILE.');
  return [...new Set(accessNeeds(pipeline).flatMap(({ topic, outputs }) => [topic, ...outputs]))];
}

function inWords({ topic, partitions, config, groups }: kafkaTopics.TopicDescription): string {
  const settings = Object.entries(config).map(([name, value]) => `${name}=${value}`);
  return [
    `${topic}\n\n`,
    plainTable(
      ['PARTITION', 'LEADER', 'REPLICAS', 'IN SYNC', 'FIRST', 'END'],
      partitions.map(({ partition, leader, replicas, inSync, firstOffset, endOffset }) => [
        ...[partition, leader, replicas.join(','), inSync.join(',')],
        ...[firstOffset, endOffset],
      ]),
    ),
    `\nsettings: ${settings.length === 0 ? "the cluster's defaults" : settings.join(', ')}\n`,
    groups.length === 0
      ? '\nno group has committed an offset\n'
      : `\n${plainTable(
          ['GROUP', 'LAG'],
          groups.map(({ groupId, lagRecords }) => [groupId, lagRecords]),
        )}`,
  ].join('');
}

async function askFirst(topics: readonly kafkaTopics.TopicDescription[]): Promise<void> {
  const what = topics.map(({ topic, partitions }) => {
    const offsets = partitions.reduce((sum, { firstOffset, endOffset }) => sum + endOffset - firstOffset, 0);
    return `${topic} (${offsets} offsets)`;
  });
  if (!process.stdin.isTTY)
    throw usage(
      `nobody can be asked whether to delete ${what.join(', ')}`,
      'Give --yes to delete without asking.',
    );
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`Delete ${what.join(', ')} for good? [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim())) throw usage('nothing was deleted', 'Answer y, or give --yes.');
  } finally {
    terminal.close();
  }
}

function usage(message: string, remedy: string): TidemarkError {
  return new TidemarkError('TOPICS_USAGE', message, remedy, { exitCode: EXIT.usage });
}
