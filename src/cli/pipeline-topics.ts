import type { AccessNeeds } from '../kafka/access-rules.ts';
import type { RecordKind } from '../kafka/fetched-piece.ts';
import type { OutputTopics } from '../kafka/partition-writer.ts';
import { EXIT, TidemarkError } from '../pipeline/error.ts';
import { groupIdOf, rekeyedTopicOf, rekeyGroupIdOf } from '../resource/kafka-names.ts';
import type { Pipeline } from '../resource/pipeline.ts';

/** One pass over a topic, by a consumer group of its own. */
export interface Stage {
  readonly groupId: string;
  readonly topic: string;
  readonly records: RecordKind;
  readonly outputs: OutputTopics;
}

/**
 * The stages of a pipeline that runs in Kafka: the one that computes, and before it, where the input is not keyed by
 * symbol, the one that re-keys. Throws a TidemarkError, NOT_IN_KAFKA, for any other pipeline.
 */
export function stagesOf({ name, input, output, late, deadLetters }: Pipeline): {
  rekey: Stage | undefined;
  windows: Stage;
} {
  if (input.source?.kind !== 'topic' || output.destination?.kind !== 'topic') {
    throw new TidemarkError(
      'NOT_IN_KAFKA',
      'an aggregator reads a Kafka topic and writes another, and the pipeline names other places',
      'Set spec.input.topic and spec.output.topic; for files and sockets there is tidemark run.',
      { exitCode: EXIT.usage },
    );
  }
  const { topic } = input.source;
  const rejects = { late: topicOf(late), deadLetters: topicOf(deadLetters) };
  const results = { results: output.destination.topic, ...rejects };
  const groupId = groupIdOf(name);
  if (!input.rekey)
    return { rekey: undefined, windows: { groupId, topic, records: 'trades', outputs: results } };
  const between = rekeyedTopicOf(name);
  return {
    rekey: {
      groupId: rekeyGroupIdOf(name),
      topic,
      records: 'trades',
      outputs: { results: between, ...rejects },
    },
    windows: { groupId, topic: between, records: 'rekeyed', outputs: results },
  };
}

/** What the pipeline's user must be allowed for, stage by stage. */
export function accessNeeds(pipeline: Pipeline): AccessNeeds[] {
  const { rekey, windows } = stagesOf(pipeline);
  return [...(rekey === undefined ? [] : [rekey]), windows].map(({ groupId, topic, outputs }) => {
    const named = [outputs.results, outputs.late, outputs.deadLetters].filter((each) => each !== undefined);
    return { groupId, topic, outputs: named };
  });
}

function topicOf(destination: Pipeline['late']): string | undefined {
  return destination?.kind === 'topic' ? destination.topic : undefined;
}
