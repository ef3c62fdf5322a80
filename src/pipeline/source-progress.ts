import { MOST_REKEYED_PARTITIONS } from '../resource/kafka-names.ts';
import type { SourceWatermark } from '../window/source-watermarks.ts';

/**
 * What a re-keying task tells every partition of the topic that it writes: how far its input partition, the source, is.
 * Every trade of the source that stands behind it in the partition has a time at or after its watermark.
 */
export interface SourceProgress extends SourceWatermark {
  /** Number of the input partition. */
  readonly source: number;
}

/** `{"source":3,"watermark":1534848938000,"idle":false}`; `watermark` is null before the first trade. */
export function formatProgress({ source, watermarkMs, isIdle }: SourceProgress): string {
  return JSON.stringify({
    source,
    watermark: Number.isFinite(watermarkMs) ? watermarkMs : null,
    idle: isIdle,
  });
}

/** Undefined for what is no progress; nobody but the re-keying stage should write to its topic. */
export function parseProgress(text: string): SourceProgress | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined; // no JSON, so not ours
  }
  const { source, watermark, idle } = (parsed ?? {}) as Record<string, unknown>;
  if (
    typeof source !== 'number' ||
    !Number.isInteger(source) ||
    source < 0 ||
    source >= MOST_REKEYED_PARTITIONS
  )
    return undefined;
  if (typeof idle !== 'boolean' || !(watermark === null || typeof watermark === 'number')) return undefined;
  return { source, watermarkMs: watermark ?? Number.NEGATIVE_INFINITY, isIdle: idle };
}
