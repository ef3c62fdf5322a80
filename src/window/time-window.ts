/** A window over event time, `[start, end)`, aligned to the epoch: tumbling where slide = size, else hopping. */
export interface TimeWindow {
  readonly kind: 'time';
  /** Length in whole milliseconds. */
  readonly sizeMs: number;
  /** Distance between the starts of two windows in whole milliseconds, at most `sizeMs`. */
  readonly slideMs: number;
}

/** A window over the last `trades` trades of a symbol, in order of arrival; a result after each `every` trades. */
export interface CountWindow {
  readonly kind: 'count';
  readonly trades: number;
  readonly every: number;
}

export type Window = TimeWindow | CountWindow;

/**
 * The pane: the smallest slice of time that every bound of every window falls on, so that one pane of a trade
 * serves all windows (Li et al., "No pane, no gain", SIGMOD Record 34(1), 2005; here over several windows at once).
 */
export function paneMsOf(windows: readonly TimeWindow[]): number {
  return windows.reduce((paneMs, { sizeMs, slideMs }) => gcd(gcd(paneMs, sizeMs), slideMs), 0);
}

/** The end of the first window that is still open when the watermark stands at `watermarkMs`. */
export function firstEndAfter({ sizeMs, slideMs }: TimeWindow, watermarkMs: number): number {
  return (Math.floor((watermarkMs - sizeMs) / slideMs) + 1) * slideMs + sizeMs;
}

/** The end of the last window that holds `timeMs`: once the watermark reaches it, a trade of that time is late. */
export function lastEndWith({ sizeMs, slideMs }: TimeWindow, timeMs: number): number {
  return Math.floor(timeMs / slideMs) * slideMs + sizeMs;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
