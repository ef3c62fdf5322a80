import { Option, type Command } from 'commander';
import type { KafkaConnection } from '../kafka/kafka-client.ts';
import { EXIT, TidemarkError } from '../pipeline/error.ts';
import type { Pipeline } from '../resource/pipeline.ts';
import { namedKafka } from './kafka-flags.ts';
import { stagesOf } from './pipeline-topics.ts';

/** How a command that works on one topic is told which: by a pipeline file, or by brokers and a name. */
export interface TopicFlags {
  readonly brokers?: string;
  readonly topic?: string;
}

export interface NamedTopic {
  readonly connection: KafkaConnection;
  readonly topic: string;
  readonly pipeline: Pipeline | undefined;
}

/** `which`: what --topic may say. */
export function withTopicFlags(command: Command, which: string): Command {
  return command
    .argument('[file]', 'a pipeline file: its topics, its Kafka with TLS and login, its format')
    .addOption(new Option('--brokers <list>', 'Kafka bootstrap servers, host:port,host:port'))
    .option('-t, --topic <name>', which);
}

/**
 * `role`: the topic of a pipeline that is meant where none is named. Throws as `namedKafka` does, and a TidemarkError,
 * TOPIC_USAGE.
 */
export async function namedTopic(
  file: string | undefined,
  { brokers, topic }: TopicFlags,
  role: TopicRole,
): Promise<NamedTopic> {
  const kafka = { ...(brokers && { brokers }), ...(file !== undefined && { pipeline: file }) };
  const { connection, pipeline } = await namedKafka(kafka);
  return { connection, pipeline, topic: topicBy(topic ?? role, pipeline, topic !== undefined) };
}

export const TOPIC_ROLES = ['input', 'output', 'late', 'deadLetters'] as const;
export type TopicRole = (typeof TOPIC_ROLES)[number];

/** A role of the pipeline's, else a name. */
function topicBy(name: string, pipeline: Pipeline | undefined, isGiven: boolean): string {
  const role = TOPIC_ROLES.find((each) => each === name);
  if (pipeline === undefined) {
    if (isGiven) return name;
    throw usage('no topic is named', 'Give a pipeline file, or --brokers and --topic.');
  }
  if (role === undefined) return name;
  const { rekey, windows } = stagesOf(pipeline);
  const { outputs } = windows;
  const found = {
    input: (rekey ?? windows).topic,
    output: outputs.results,
    late: outputs.late,
    deadLetters: outputs.deadLetters,
  }[role];
  if (found !== undefined) return found;
  throw usage(`the pipeline ${pipeline.name} has no topic for ${role}`, `Set spec.${role}.topic.`);
}

function usage(message: string, remedy: string): TidemarkError {
  return new TidemarkError('TOPIC_USAGE', message, remedy, { exitCode: EXIT.usage });
}
