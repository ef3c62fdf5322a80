import type { SplitSymbols } from './split-watch.ts';
import type { SourceWatermark } from '../window/source-watermarks.ts';

/**
 * What is committed beside a partition's offset, in the same transaction as the results before it. With it Kafka alone
 * is enough to recover.
 */
export interface OffsetMetadata {
  /** The watermark at the offset. */
  readonly watermarkMs: number;
  /** The smallest offset that holds a trade of a window still open. */
  readonly floor: number;
  /**
   * From which event time on the floor holds good: every earlier record is of an earlier time, or in no window that may
   * ever be open. Undefined where a version wrote it that knew of no change of windows.
   */
  readonly coversFromMs?: number;
  /** How often the partition has been taken over: a later owner's is higher. */
  readonly epoch: bigint;
  /** Of a re-keyed topic: how far each of its sources was at the offset. */
  readonly sources?: readonly SourceWatermark[];
  /** Symbols of the partition that trade in another one too; for whoever looks after the pipeline. */
  readonly split?: SplitSymbols;
}

export const NO_METADATA: OffsetMetadata = { watermarkMs: Number.NEGATIVE_INFINITY, floor: 0, epoch: 0n };

/**
 * `{"v":1,"w":1534848938300,"f":4711,"n":1534848930000,"e":"12"}`; `w` is null before the first trade, `n`
 * (coversFromMs) where the floor is good for all times. Of a re-keyed topic there is also `"s":"0,rs,-5k~,"`, an entry
 * for each source: its distance from `w` in ms to the base of 36, nothing where it has no watermark, `~` where it is idle.
 * `"d":[12,"AMC",3]`: 12 symbols trade elsewhere too, one of them is AMC, in partition 3.
 */
export function formatMetadata({
  watermarkMs,
  floor,
  coversFromMs,
  epoch,
  sources,
  split,
}: OffsetMetadata): string {
  return JSON.stringify({
    v: 1,
    w: Number.isFinite(watermarkMs) ? watermarkMs : null,
    f: floor,
    ...(coversFromMs === undefined ? {} : { n: Number.isFinite(coversFromMs) ? coversFromMs : null }),
    e: String(epoch),
    ...(sources === undefined ? {} : { s: formatSources(sources, watermarkMs) }),
    ...(split === undefined ? {} : { d: [split.count, split.symbol, split.otherPartition] }),
  });
}

/** Undefined for text that another program, or a version to come, has written. */
export function parseMetadata(text: string): OffsetMetadata | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined; // no JSON, so not ours
  }
  const { v, w, f, n, e, s, d } = (parsed ?? {}) as {
    v?: unknown;
    w?: unknown;
    f?: unknown;
    n?: unknown;
    e?: unknown;
    s?: unknown;
    d?: unknown;
  };
  if (v !== 1 || !(w === null || typeof w === 'number') || typeof f !== 'number') return undefined;
  if (typeof e !== 'string' || !/^\d+$/.test(e)) return undefined;
  if (n !== undefined && n !== null && typeof n !== 'number') return undefined;
  if (s !== undefined && (typeof s !== 'string' || !SOURCES.test(s))) return undefined;
  const watermarkMs = w ?? Number.NEGATIVE_INFINITY;
  const covers = n === undefined ? {} : { coversFromMs: n ?? Number.NEGATIVE_INFINITY };
  const sources = s === undefined ? {} : { sources: parseSources(s, watermarkMs) };
  return { watermarkMs, floor: f, ...covers, epoch: BigInt(e), ...sources, ...splitOf(d) };
}

/** It decides nothing here, so what cannot be read is left out. */
function splitOf(d: unknown): { split?: SplitSymbols } {
  if (!Array.isArray(d)) return {};
  const [count, symbol, otherPartition] = d as unknown[];
  if (typeof count !== 'number' || typeof symbol !== 'string' || typeof otherPartition !== 'number')
    return {};
  return { split: { count, symbol, otherPartition } };
}

function formatSources(sources: readonly SourceWatermark[], watermarkMs: number): string {
  const baseMs = baseOf(watermarkMs);
  return sources
    .map(({ watermarkMs: atMs, isIdle }) => {
      const distance = Number.isFinite(atMs) ? (atMs - baseMs).toString(36) : '';
      return `${distance}${isIdle ? '~' : ''}`;
    })
    .join();
}

function parseSources(text: string, watermarkMs: number): SourceWatermark[] {
  const baseMs = baseOf(watermarkMs);
  return text.split(',').map((entry) => {
    const distance = entry.replace('~', '');
    return {
      watermarkMs: distance === '' ? Number.NEGATIVE_INFINITY : baseMs + Number.parseInt(distance, 36),
      isIdle: entry.endsWith('~'),
    };
  });
}

function baseOf(watermarkMs: number): number {
  return Number.isFinite(watermarkMs) ? watermarkMs : 0;
}

const SOURCES = /^(-?[0-9a-z]+)?~?(,(-?[0-9a-z]+)?~?)*$/;
