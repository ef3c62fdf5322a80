import { firstEndAfter, type Window } from '../window/time-window.ts';
import type { OffsetMetadata } from './offset-metadata.ts';

/**
 * The earliest event time of which a trade may be in a window that is open at the watermark. Windows by count need
 * every trade there was, for which trades they end at follows from how many came before.
 */
export function neededFromMs(windows: readonly Window[], watermarkMs: number): number {
  const starts = windows.map((window) =>
    window.kind === 'time' ? firstEndAfter(window, watermarkMs) - window.sizeMs : Number.NEGATIVE_INFINITY,
  );
  return Number.isFinite(watermarkMs) ? Math.min(...starts) : Number.NEGATIVE_INFINITY;
}

/**
 * What was committed, as these windows need it. Where the windows of a pipeline were changed, the former owner's floor
 * may be too high for a window that is open now: then the replay begins at the first record there is, once.
 */
export function withFloorFor(windows: readonly Window[], before: OffsetMetadata): OffsetMetadata {
  const { coversFromMs = Number.NEGATIVE_INFINITY, watermarkMs } = before;
  if (coversFromMs <= neededFromMs(windows, watermarkMs)) return before;
  return { ...before, floor: 0, coversFromMs: Number.NEGATIVE_INFINITY };
}
