import type { AccessNeeds } from '../kafka/access-rules.ts';
import { EXIT, TidemarkError } from '../pipeline/error.ts';
import type { Pipeline } from '../resource/pipeline.ts';
import { groupIdOf } from './group-id.ts';

/** The topics of a pipeline that runs in Kafka. Throws a TidemarkError, NOT_IN_KAFKA, for any other. */
export function topicsOf({ input, output, late, deadLetters }: Pipeline): {
  topic: string;
  outputs: { results: string; late: string | undefined; deadLetters: string | undefined };
} {
  if (input.source?.kind !== 'topic' || output.destination?.kind !== 'topic') {
    throw new TidemarkError(
      'NOT_IN_KAFKA',
      'an aggregator reads a Kafka topic and writes another, and the pipeline names other places',
      'Set spec.input.topic and spec.output.topic; for files and sockets there is tidemark run.',
      { exitCode: EXIT.usage },
    );
  }
  return {
    topic: input.source.topic,
    outputs: {
      results: output.destination.topic,
      late: topicOf(late),
      deadLetters: topicOf(deadLetters),
    },
  };
}

/** What the pipeline's user must be allowed for. */
export function accessNeeds(pipeline: Pipeline): AccessNeeds {
  const { topic, outputs } = topicsOf(pipeline);
  const named = [outputs.results, outputs.late, outputs.deadLetters].filter((each) => each !== undefined);
  return { groupId: groupIdOf(pipeline.name), topic, outputs: named };
}

function topicOf(destination: Pipeline['late']): string | undefined {
  return destination?.kind === 'topic' ? destination.topic : undefined;
}
