import { CheckpointError } from '../pipeline/checkpoint-error.ts';
import { parseShape } from '../pipeline/checkpoint-shape.ts';
import { EXIT, TidemarkError } from '../pipeline/error.ts';
import { symbolsOf, symbolState } from '../pipeline/symbol-state.ts';
import type { StoredPartition } from '../redis/checkpoint-keys.ts';
import { StoredCheckpoints } from '../redis/stored-checkpoints.ts';
import { printable } from '../trade/rejection.ts';
import { redisAt } from './connections.ts';
import { partitionsText, symbolText, type PartitionSummary, type SymbolInPartition } from './state-text.ts';

export interface StateRequest {
  readonly pipeline: string;
  /** Undefined: a summary of each partition. */
  readonly symbol: string | undefined;
  readonly redis: string | undefined;
  /** Undefined: all that have a checkpoint. */
  readonly partition: number | undefined;
  readonly json: boolean;
}

/**
 * What a pipeline's checkpoints hold, as text or a line of JSON. Throws a TidemarkError: STATE_USAGE, STATE_REDIS,
 * STATE_NO_CHECKPOINT, STATE_NO_SYMBOL.
 */
export async function showState(request: StateRequest): Promise<string> {
  const { redis, symbol } = request;
  if (redis === undefined) {
    const remedy = 'Give --redis redis://host:6379, or set TIDEMARK_REDIS_URL.';
    throw new TidemarkError('STATE_USAGE', 'no Redis is named', remedy, { exitCode: EXIT.usage });
  }
  const connection = { ...redisAt(redis), timeoutMs: TIMEOUT_MS, logger: QUIET };
  const stored = new StoredCheckpoints(connection);
  try {
    const partitions = wanted(await stored.list(), request);
    if (symbol === undefined) return await summaries(stored, partitions, request);
    return await symbolIn(stored, partitions, symbol, request);
  } catch (error) {
    throw error instanceof CheckpointError && AWAY.includes(error.trouble) ? away(error) : error;
  } finally {
    await stored.close();
  }
}

/** The partitions that are asked for; there is at least one. */
function wanted(all: readonly StoredPartition[], { pipeline, partition }: StateRequest): StoredPartition[] {
  const ofPipeline = all.filter((each) => each.pipeline === pipeline);
  if (ofPipeline.length === 0) throw noPipeline(pipeline, new Set(all.map((each) => each.pipeline)));
  const found = ofPipeline.filter((each) => partition === undefined || each.partition === partition);
  if (found.length > 0) return found;
  throw new TidemarkError(
    'STATE_NO_CHECKPOINT',
    `partition ${partition ?? 'all'} of ${pipeline} has no checkpoint in this Redis.`,
    `Those that have one: ${ofPipeline.map((each) => each.partition).join(', ')}.`,
  );
}

async function summaries(
  stored: StoredCheckpoints,
  partitions: readonly StoredPartition[],
  { pipeline, json }: StateRequest,
): Promise<string> {
  const found: PartitionSummary[] = [];
  for (const each of partitions) found.push(...(await summaryOf(stored, each)));
  return json ? `${JSON.stringify({ pipeline, partitions: found })}\n` : partitionsText(pipeline, found);
}

/** One at a time, for all of a partition's state may be many megabytes. */
async function summaryOf(stored: StoredCheckpoints, at: StoredPartition): Promise<PartitionSummary[]> {
  const { partition } = at;
  try {
    const found = await stored.read(at);
    if (found === undefined) return []; // it has expired since it was listed
    const { checkpoint } = found;
    return [
      {
        ...standing(partition, found),
        panes: checkpoint.panes.length,
        symbols: symbolsOf(checkpoint).size,
        bytes: found.bytes,
      },
    ];
  } catch (error) {
    if (error instanceof CheckpointError && UNUSABLE.includes(error.trouble))
      return [{ partition, unusable: error.message }];
    throw error;
  }
}

async function symbolIn(
  stored: StoredCheckpoints,
  partitions: readonly StoredPartition[],
  symbol: string,
  { pipeline, json }: StateRequest,
): Promise<string> {
  const found: SymbolInPartition[] = [];
  const others = new Set<string>();
  for (const each of partitions) {
    const read = await stored.read(each);
    if (read === undefined) continue;
    const { checkpoint } = read;
    const shape = parseShape(checkpoint.shape);
    if (shape === undefined) throw otherVersion(each);
    const state = symbolState(checkpoint, shape, symbol);
    if (state !== undefined) found.push({ ...standing(each.partition, read), ...state });
    for (const other of symbolsOf(checkpoint)) others.add(other);
  }
  if (found.length === 0) throw noSymbol(symbol, pipeline, others);
  return json
    ? `${JSON.stringify({ pipeline, symbol, partitions: found })}\n`
    : symbolText(pipeline, symbol, found);
}

type Read = NonNullable<Awaited<ReturnType<StoredCheckpoints['read']>>>;

function standing(partition: number, { checkpoint, epoch, savedAtMs }: Read) {
  const { offset, watermarkMs } = checkpoint;
  return {
    partition,
    offset: Number(offset),
    watermark: Number.isFinite(watermarkMs) ? watermarkMs : null,
    savedAt: savedAtMs,
    ageMs: Math.max(0, Date.now() - savedAtMs),
    epoch: Number(epoch),
  };
}

function noPipeline(pipeline: string, others: ReadonlySet<string>): TidemarkError {
  return new TidemarkError(
    'STATE_NO_CHECKPOINT',
    `the pipeline ${printable(pipeline)} has no checkpoint in this Redis.`,
    others.size === 0
      ? 'Nor has any other: is it the Redis that the aggregators use, and the same database?'
      : `Pipelines that have one: ${some(others)}.`,
  );
}

function noSymbol(symbol: string, pipeline: string, others: ReadonlySet<string>): TidemarkError {
  return new TidemarkError(
    'STATE_NO_SYMBOL',
    `${printable(symbol)} is in no open pane of ${pipeline}.`,
    others.size === 0
      ? 'No symbol is: all windows have closed.'
      : `Its windows have closed, or it is written otherwise. Symbols that are: ${some(others)}.`,
  );
}

function otherVersion({ pipeline, partition }: StoredPartition): TidemarkError {
  return new TidemarkError(
    'STATE_OTHER_VERSION',
    `the checkpoint of partition ${partition} of ${pipeline} was written by another version of Tidemark.`,
    'Use that version, or wait for the aggregators of this one to save.',
  );
}

function away({ message }: CheckpointError): TidemarkError {
  const remedy = 'Check --redis or TIDEMARK_REDIS_URL, that Redis runs, and the network to it.';
  return new TidemarkError('STATE_REDIS', message, remedy);
}

/** The first of them in order, and how many more there are. */
function some(names: ReadonlySet<string>): string {
  const shown = [...names].sort().slice(0, MOST_SHOWN).map(printable).join(', ');
  return names.size > MOST_SHOWN ? `${shown} and ${names.size - MOST_SHOWN} more` : shown;
}

const MOST_SHOWN = 10;
/** A large checkpoint takes Redis a moment. */
const TIMEOUT_MS = 10_000;
const AWAY: readonly string[] = ['unreachable', 'timeout'];
const UNUSABLE: readonly string[] = ['incomplete', 'other-layout', 'undecodable'];
/** What goes wrong is told once, by the error. */
const QUIET = { debug: nothing, info: nothing, warn: nothing, error: nothing };

function nothing(): void {
  // Not said.
}
