import { createLogUpdate } from 'log-update';
import type { ConsoleStream } from './console-sink.ts';
import { bytesText, countText, durationText } from './for-eyes.ts';

export interface Progress {
  readonly bytes: number;
  /** Undefined where the end is not known. */
  readonly totalBytes: number | undefined;
  readonly trades: number;
}

export interface ProgressLine {
  /** Clears the line and stops. May be called more than once. */
  stop(): void;
}

/** A run that is over sooner needs no progress. */
const QUIET_MS = 1_000;
const REFRESH_MS = 200;

/** Shows on `stream`, if it is a terminal, how far a run is that reads to an end; `progress` is asked at each refresh. */
export function progressLine(stream: ConsoleStream, progress: () => Progress): ProgressLine {
  if (stream.isTTY !== true) return { stop: () => undefined };
  const startMs = performance.now();
  const update = createLogUpdate(stream, { showCursor: true });
  const timer = setInterval(() => {
    const elapsedMs = performance.now() - startMs;
    if (elapsedMs >= QUIET_MS) update(progressText(progress(), elapsedMs, stream.columns ?? 80));
  }, REFRESH_MS).unref();
  return {
    stop: () => {
      clearInterval(timer);
      update.clear();
    },
  };
}

/** `████████░░░░░░░░  48%  1.2 of 2.5 GB  3.41 M trades/s  0:07 left`, cut to `columns`; no bar without an end. */
export function progressText(
  { bytes, totalBytes, trades }: Progress,
  elapsedMs: number,
  columns: number,
): string {
  const rate = `${countText(trades / (elapsedMs / 1000))} trades/s`;
  if (totalBytes === undefined || totalBytes === 0) return fitted([bytesText(bytes), rate], columns);
  const share = Math.min(1, bytes / totalBytes);
  const left = share === 0 ? '' : `${durationText((elapsedMs * (1 - share)) / share)} left`;
  const percent = `${Math.floor(share * 100)}%`.padStart(4);
  const parts = [percent, `${bytesText(bytes)} of ${bytesText(totalBytes)}`, rate, left];
  const text = fitted(parts, columns - 1);
  const barWidth = Math.min(LONGEST_BAR, columns - 1 - text.length - GAP.length);
  return barWidth < SHORTEST_BAR ? text : `${bar(share, barWidth)}${GAP}${text}`;
}

const GAP = '  ';
const LONGEST_BAR = 24;
const SHORTEST_BAR = 6;

function bar(share: number, width: number): string {
  const full = Math.round(share * width);
  return '█'.repeat(full) + '░'.repeat(width - full);
}

/** As many of `parts`, from the first on, as fit. */
function fitted(parts: readonly string[], columns: number): string {
  let text = '';
  for (const part of parts) {
    if (part === '') continue;
    const longer = text === '' ? part : text + GAP + part;
    if (longer.length > columns) break;
    text = longer;
  }
  return text;
}
