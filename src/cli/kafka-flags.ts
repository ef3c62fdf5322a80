import { Option, type Command } from 'commander';
import type { KafkaConnection } from '../kafka/kafka-client.ts';
import { parsePipelineFile } from '../resource/parse.ts';
import type { Pipeline } from '../resource/pipeline.ts';
import { kafkaConnection } from './connections.ts';
import { readPipelineFile } from './pipeline-file.ts';

/** How a command that works on a cluster is told which. */
export interface KafkaFlags {
  readonly brokers?: string;
  readonly pipeline?: string;
}

export interface NamedKafka {
  readonly connection: KafkaConnection;
  /** Undefined without --pipeline. */
  readonly pipeline: Pipeline | undefined;
}

export function withKafkaFlags(command: Command): Command {
  return command
    .addOption(new Option('--brokers <list>', 'Kafka bootstrap servers, host:port,host:port'))
    .option('-p, --pipeline <file>', 'a pipeline file whose Kafka is meant, with its TLS and login');
}

/** Brokers given on their own override those of the file, and the environment's those. Throws as `kafkaConnection`. */
export async function namedKafka({ brokers, pipeline: file }: KafkaFlags): Promise<NamedKafka> {
  const pipeline =
    file === undefined ? undefined : parsePipelineFile(await readPipelineFile(file), { fileName: file });
  const env = brokers === undefined ? process.env : { ...process.env, TIDEMARK_KAFKA_BROKERS: brokers };
  return { connection: kafkaConnection(pipeline?.kafka, undefined, env), pipeline };
}
