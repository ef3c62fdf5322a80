import type { Check, Draft, Finding } from './check.ts';
import { formatDuration, parseDuration } from './duration.ts';
import type { SpecInput } from './moving-average.ts';

/** Panes that one partition may hold per symbol; each is a row of sums in memory. */
const MAX_PANES = 1_000_000;

export const windowChecks: readonly Check[] = [
  eachWindow(isOfOneKind),
  eachWindow(slidesWithinItself),
  eachWindow(endsWithinItself),
  eachWindow(standsOnce),
  panesAreFew,
];

type WindowDraft = Draft<SpecInput['windows'][number]>;
/** A mistake of one window: the key it is about, if it is about one, and the words for it. */
type WindowFault = { readonly key?: keyof WindowDraft; readonly message: string } | undefined;

function eachWindow(faultOf: (window: WindowDraft, before: readonly WindowDraft[]) => WindowFault): Check {
  return ({ windows = [] }) =>
    windows.flatMap((window, index): Finding[] => {
      const before = windows.slice(0, index).map((earlier) => earlier ?? {});
      const fault = window && faultOf(window, before);
      if (fault === undefined) return [];
      const path = ['spec', 'windows', index, ...(fault.key === undefined ? [] : [fault.key])];
      return [{ path, message: fault.message }];
    });
}

function isOfOneKind(window: WindowDraft): WindowFault {
  const overTime = (['size', 'slide'] as const).filter((key) => key in window);
  const overTrades = (['trades', 'every'] as const).filter((key) => key in window);
  if (overTime.length > 0 && overTrades.length > 0) {
    return {
      key: overTrades[0],
      message: `does not go with ${overTime[0]}: a window is { size: 3s, slide: 1s } over time or { trades: 100, every: 10 } over trades`,
    };
  }
  if (overTime.length + overTrades.length === 0) {
    return {
      message:
        'expected a window such as { size: 3s, slide: 1s } or { trades: 100 }, found neither size nor trades',
    };
  }
  if (overTime.length > 0 && !('size' in window)) {
    return { key: 'size', message: 'is missing: expected a duration above zero such as 3s' };
  }
  if (overTrades.length > 0 && !('trades' in window)) {
    return { key: 'trades', message: 'is missing: expected a whole number such as 100' };
  }
  return undefined;
}

function slidesWithinItself(window: WindowDraft): WindowFault {
  const { sizeMs, slideMs } = lengthsOf(window);
  if (sizeMs === undefined || slideMs === undefined || slideMs <= sizeMs) return undefined;
  return {
    key: 'slide',
    message: `expected at most the size, which is ${formatDuration(sizeMs)}, found ${formatDuration(slideMs)}: trades between two windows would be in none`,
  };
}

function endsWithinItself({ trades, every }: WindowDraft): WindowFault {
  if (trades === undefined || every === undefined || every <= trades) return undefined;
  return {
    key: 'every',
    message: `expected at most trades, which is ${trades}, found ${every}: trades between two windows would be in none`,
  };
}

function standsOnce(window: WindowDraft, before: readonly WindowDraft[]): WindowFault {
  const identity = identityOf(window);
  const twin = before.findIndex((other) => identity !== undefined && identityOf(other) === identity);
  return twin < 0 ? undefined : { message: `is the same window as spec.windows[${twin}]: keep one` };
}

/** A sound window in one spelling, with its defaults; undefined for another. */
function identityOf(window: WindowDraft): string | undefined {
  const { sizeMs, slideMs } = lengthsOf(window);
  if ('size' in window && 'trades' in window) return undefined;
  if (sizeMs !== undefined && slideMs !== undefined) return `${sizeMs}ms every ${slideMs}ms`;
  const every = 'every' in window ? window.every : window.trades;
  if (window.trades === undefined || every === undefined) return undefined;
  return `${window.trades} trades every ${every}`;
}

/**
 * Windows are made of panes, the greatest length that divides every size and slide (Li et al., "No pane, no gain",
 * 2005). Odd lengths make them tiny and too many. A wrong window is left out: the others are too many without it.
 */
function panesAreFew({ windows = [], watermark }: Draft<SpecInput>): readonly Finding[] {
  const lengths = windows
    .map((window) => lengthsOf(window ?? {}))
    .filter(({ sizeMs = 0, slideMs = 0 }) => slideMs <= sizeMs);
  const allMs = lengths.flatMap(({ sizeMs, slideMs }) => [sizeMs, slideMs]).filter((ms) => ms !== undefined);
  const paneMs = allMs.reduce(greatestCommonDivisor, 0);
  if (paneMs === 0) return [];
  const largestMs = Math.max(...lengths.map(({ sizeMs }) => sizeMs ?? 0));
  const spanMs = largestMs + (msOf(watermark?.delay) ?? 0);
  const panes = Math.ceil(spanMs / paneMs);
  if (panes <= MAX_PANES) return [];
  const path = largestMs / paneMs <= MAX_PANES ? ['spec', 'watermark', 'delay'] : ['spec', 'windows'];
  const message =
    `the largest size and watermark.delay, together ${formatDuration(spanMs)}, would take ${thousands(panes)} panes ` +
    `of ${formatDuration(paneMs)}, which is all that the sizes and slides divide by, and ${thousands(MAX_PANES)} are ` +
    `allowed: choose ones that divide by ${formatDuration(roundUp(spanMs / MAX_PANES))}, or less time`;
  return [{ path, message }];
}

function lengthsOf(window: WindowDraft): { sizeMs: number | undefined; slideMs: number | undefined } {
  const sizeMs = msOf(window.size);
  return { sizeMs, slideMs: 'slide' in window ? msOf(window.slide) : sizeMs };
}

function msOf(duration: string | undefined): number | undefined {
  return duration === undefined ? undefined : parseDuration(duration);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** To a round duration, which is likelier to divide what people write. */
function roundUp(ms: number): number {
  return (
    [1, 10, 100, 1000, 10_000, 60_000, 600_000, 3_600_000].find((round) => round >= ms) ??
    Math.ceil(ms / 86_400_000) * 86_400_000
  );
}

function thousands(count: number): string {
  return count.toLocaleString('en-US');
}
