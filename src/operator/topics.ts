import type { Finding } from './condition.ts';
import { rekeyedTopic } from '../resource/rekeyed-topic.ts';
import type { ClusterPipeline } from './desired-pipeline.ts';

/** A topic that the pipeline reads or writes. */
export interface WantedTopic {
  readonly role: 'input' | 'rekeyed' | 'output' | 'late' | 'deadLetters';
  readonly name: string;
  /** Undefined: as many as the brokers give a new topic. */
  readonly partitions: number | undefined;
  /** Settings of a topic that is the pipeline's alone, by Kafka's names. */
  readonly config?: Readonly<Record<string, string>>;
  /** Of the input: its records' partitions do not follow from the symbol, so more of them move none. */
  readonly isRekeyed?: boolean;
}

/** A topic as it is. */
export interface SeenTopic {
  readonly partitions: number;
  /** No record was ever written to it. */
  readonly isEmpty: boolean;
}

/** What has to be done about topics, and what there is to say. */
export interface TopicsDecision {
  readonly create: readonly WantedTopic[];
  readonly grow: readonly { readonly name: string; readonly partitions: number }[];
  readonly finding: Finding;
}

/** The input first. All others have as many partitions as the input has. */
export function wantedTopics(pipeline: ClusterPipeline): WantedTopic[] {
  const { input, output, late, deadLetters } = pipeline;
  const { partitions } = input;
  const between = rekeyedTopic(pipeline);
  const named = (role: WantedTopic['role'], name: string): WantedTopic => ({ role, name, partitions });
  return [
    { ...named('input', input.source.topic), isRekeyed: input.rekey },
    ...(between === undefined ? [] : [{ ...named('rekeyed', between.name), config: between.config }]),
    named('output', output.destination.topic),
    ...(late?.kind === 'topic' ? [named('late', late.topic)] : []),
    ...(deadLetters?.kind === 'topic' ? [named('deadLetters', deadLetters.topic)] : []),
  ].filter(({ name }, index, all) => all.findIndex((other) => other.name === name) === index);
}

/** Of Kafka without Strimzi: what is missing is created, and the input grows where that splits no window. */
export function decideTopics(
  wanted: readonly WantedTopic[],
  seen: ReadonlyMap<string, SeenTopic>,
  growthAllowed: boolean,
): TopicsDecision {
  const create = wanted.filter(({ name }) => !seen.has(name));
  const growth = wanted.flatMap((topic) => growthOf(topic, seen.get(topic.name), growthAllowed));
  const refused = growth.filter(({ isRefused }) => isRefused);
  const grow = growth.filter(({ isRefused }) => !isRefused).map(({ name, to }) => ({ name, partitions: to }));
  if (refused.length > 0) return { create, grow, finding: growthRefused(refused[0]) };
  if (create.length > 0) {
    const names = create.map(({ name }) => name).join(', ');
    return {
      create,
      grow,
      finding: { status: 'False', reason: 'Creating', message: `being created: ${names}` },
    };
  }
  return { create, grow, finding: allThere(wanted, seen) };
}

/** A topic that has fewer partitions than the spec asks for. */
export interface Growth {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly isRefused: boolean;
}

/**
 * Only the input can have too few. A record's partition is its key's hash modulo their number, so with more of them
 * symbols move, and windows that are open then would be split in two: harmless only before the first trade, or when a
 * person says that none are open. Where the input is re-keyed, the topic between the stages keeps its partitions and
 * symbols stay where they are.
 */
export function growthOf(
  { role, name, partitions: to, isRekeyed = false }: WantedTopic,
  seen: SeenTopic | undefined,
  growthAllowed: boolean,
): Growth[] {
  if (role !== 'input' || seen === undefined || to === undefined || to <= seen.partitions) return [];
  return [{ name, from: seen.partitions, to, isRefused: !seen.isEmpty && !growthAllowed && !isRekeyed }];
}

export function growthRefused({ name, from, to }: Growth): Finding {
  return {
    status: 'False',
    reason: 'PartitionGrowthMovesKeys',
    message:
      `${name} keeps its ${from} partitions, and averages go on: with ${to}, symbols would move between partitions, and ` +
      `windows open at that moment would be computed in two parts. To have ${to}: stop the producers, wait until the lag ` +
      `is 0 and the last windows are written, annotate this resource with ${GROWTH_ANNOTATION}=allow, start the ` +
      `producers again when TopicsReady is True, and remove the annotation.`,
  };
}

/** On the MovingAverage, with the value `allow`: a person has seen to it that no window is open. */
export const GROWTH_ANNOTATION = 'tidemark.dev/partition-growth';

function allThere(wanted: readonly WantedTopic[], seen: ReadonlyMap<string, SeenTopic>): Finding {
  const counts = wanted.map(({ name }) => `${name} (${seen.get(name)?.partitions ?? 0} partitions)`);
  return { status: 'True', reason: 'TopicsExist', message: `there are ${counts.join(', ')}` };
}
