import { setImmediate } from 'node:timers/promises';
import { CheckpointError, type CheckpointTrouble } from '../pipeline/checkpoint-error.ts';
import type { Checkpoint, CheckpointPane, CheckpointTail } from '../pipeline/checkpoint.ts';
import { decodePane } from './pane-bytes.ts';
import { decodeTail } from './tail-bytes.ts';

/** The `layout` field of a head that this version writes and reads. */
export const LAYOUT = '1';

/** Decoded in about a millisecond. */
const BYTES_AT_ONCE = 2 ** 19;

/** What lua/load.lua returns. */
export type LoadReply = readonly [head: Buffer[], panes: Buffer[], tails: Buffer[]];

export interface StoredCheckpoint {
  readonly checkpoint: Checkpoint;
  /** Which save this is, for the change that goes on top of it. */
  readonly save: string;
  /** Of the owner that saved. */
  readonly epoch: bigint;
  /** When, by the owner's clock. */
  readonly savedAtMs: number;
  readonly bytes: number;
}

/**
 * What is stored, or undefined for nothing. Rejects with a CheckpointError for what is there and is not one checkpoint.
 * Lets others run in between: ten thousand symbols in 60 panes take 80 ms to decode (bench/redis-restore.ts).
 */
export async function readStored([headFields, paneMembers, tailFields]: LoadReply): Promise<
  StoredCheckpoint | undefined
> {
  if (headFields.length === 0 && paneMembers.length === 0 && tailFields.length === 0) return undefined;
  const head = new Map(pairs(headFields).map(([name, value]) => [name.toString(), value.toString()]));
  if (!head.has('layout')) throw unusable('incomplete', 'It has no head.');
  if (head.get('layout') !== LAYOUT)
    throw unusable('other-layout', `Its layout is ${head.get('layout') ?? 'missing'}, not ${LAYOUT}.`);
  if (Number(head.get('panes')) !== paneMembers.length || Number(head.get('tails')) !== tailFields.length / 2)
    throw unusable('incomplete', 'Its head counts other panes and tails than are there.');
  return {
    checkpoint: {
      offset: wholeOf('offset', head.get('offset')),
      watermarkMs: watermarkOf(head.get('watermark')),
      shape: textOf(head.get('shape')),
      panes: await panesOf(paneMembers),
      tails: pairs(tailFields).map(tailOf),
    },
    save: textOf(head.get('save')),
    epoch: wholeOf('epoch', head.get('epoch')),
    savedAtMs: Number(wholeOf('saved-at', head.get('saved-at'))),
    bytes: bytesOf([headFields, paneMembers, tailFields].flat()),
  };
}

/** Texts are names, and count for nothing. */
export function bytesOf(parts: readonly (string | Buffer)[]): number {
  return parts.reduce((sum, part) => sum + (typeof part === 'string' ? 0 : part.length), 0);
}

async function panesOf(members: readonly Buffer[]): Promise<CheckpointPane[]> {
  let bytesAtOnce = 0;
  const panes: CheckpointPane[] = [];
  for (const member of members) {
    const pane = decodePane(member);
    if (pane === undefined || !(pane.startMs > (panes.at(-1)?.startMs ?? -Infinity))) {
      throw unusable('undecodable', `Pane ${panes.length + 1} of ${members.length} does not decode.`);
    }
    panes.push(pane);
    bytesAtOnce += member.length;
    if (bytesAtOnce < BYTES_AT_ONCE) continue;
    bytesAtOnce = 0;
    await setImmediate();
  }
  return panes;
}

function tailOf([field, value]: readonly [Buffer, Buffer]): CheckpointTail {
  const tail = decodeTail(field.toString(), value);
  if (tail === undefined) throw unusable('undecodable', `The tail ${field.toString()} does not decode.`);
  return tail;
}

function wholeOf(field: string, text = ''): bigint {
  if (!/^-?[0-9]+$/.test(text)) throw unusable('undecodable', `Its ${field} is ${JSON.stringify(text)}.`);
  return BigInt(text);
}

function watermarkOf(text = ''): number {
  const watermarkMs = text === '' ? NaN : Number(text);
  if (Number.isNaN(watermarkMs)) throw unusable('undecodable', `Its watermark is ${JSON.stringify(text)}.`);
  return watermarkMs;
}

function textOf(text: string | undefined): string {
  if (text === undefined) throw unusable('undecodable', 'Its head lacks a field.');
  return text;
}

function pairs(fields: readonly Buffer[]): (readonly [Buffer, Buffer])[] {
  const found: (readonly [Buffer, Buffer])[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) found.push([fields[i], fields[i + 1]]);
  return found;
}

function unusable(trouble: CheckpointTrouble, what: string): CheckpointError {
  return new CheckpointError(
    trouble,
    `The checkpoint in Redis cannot be used. ${what}`,
    'Nothing is to be done: its trades are read from Kafka again, and the next checkpoint is saved whole.',
  );
}
