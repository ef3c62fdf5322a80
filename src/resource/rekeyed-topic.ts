import { rekeyedTopicOf } from './kafka-names.ts';
import type { Pipeline } from './pipeline.ts';

/** The topic between the stages of a pipeline, as it is to be made. */
export interface RekeyedTopic {
  readonly name: string;
  /** Undefined: as many as the brokers give a new topic. */
  readonly partitions: number | undefined;
  /** Kafka's own names: `retention.ms`. */
  readonly config: Readonly<Record<string, string>>;
}

/**
 * Undefined for an input that is not re-keyed. Records have to be there until the windows that they are in have
 * closed, also while no aggregator runs: what is gone from it is lost, for the input's offset has moved past it.
 */
export function rekeyedTopic({ name, input, windows, delayMs }: Pipeline): RekeyedTopic | undefined {
  if (!input.rekey) return undefined;
  const longestMs = Math.max(0, ...windows.map((window) => (window.kind === 'time' ? window.sizeMs : 0)));
  const retentionMs = LONGEST_OUTAGE_MS + longestMs + delayMs;
  return {
    name: rekeyedTopicOf(name),
    partitions: input.partitions,
    config: { 'cleanup.policy': 'delete', 'retention.ms': String(retentionMs) },
  };
}

/** A weekend and two days to notice. */
const LONGEST_OUTAGE_MS = 4 * 86_400_000;
