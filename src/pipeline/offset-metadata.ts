/**
 * What is committed beside a partition's offset, in the same transaction as the results before it. With it Kafka alone
 * is enough to recover.
 */
export interface OffsetMetadata {
  /** The watermark at the offset. */
  readonly watermarkMs: number;
  /** The smallest offset that holds a trade of a window still open. */
  readonly floor: number;
  /** How often the partition has been taken over: a later owner's is higher. */
  readonly epoch: bigint;
}

export const NO_METADATA: OffsetMetadata = { watermarkMs: Number.NEGATIVE_INFINITY, floor: 0, epoch: 0n };

/** `{"v":1,"w":1534848938300,"f":4711,"e":"12"}`; `w` is null before the first trade. */
export function formatMetadata({ watermarkMs, floor, epoch }: OffsetMetadata): string {
  return JSON.stringify({
    v: 1,
    w: Number.isFinite(watermarkMs) ? watermarkMs : null,
    f: floor,
    e: String(epoch),
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
  const { v, w, f, e } = (parsed ?? {}) as { v?: unknown; w?: unknown; f?: unknown; e?: unknown };
  if (v !== 1 || !(w === null || typeof w === 'number') || typeof f !== 'number') return undefined;
  if (typeof e !== 'string' || !/^\d+$/.test(e)) return undefined;
  return { watermarkMs: w ?? Number.NEGATIVE_INFINITY, floor: f, epoch: BigInt(e) };
}
