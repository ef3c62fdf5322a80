import type { Window } from '../window/time-window.ts';

/** What the figures of a checkpoint were made for, and what turns them into prices and quantities again. */
export interface CheckpointShape {
  readonly windows: readonly Window[];
  /** A price of `n` ticks is n / 10^priceDecimals. */
  readonly priceDecimals: number;
  /** Undefined: quantities are not kept. */
  readonly quantityDecimals: number | undefined;
  /** Whether the offset is one of the topic between the stages, not of the input. */
  readonly isRekeyed?: boolean | undefined;
}

/**
 * As text, which is equal for equal shapes: `{"v":2,"windows":[…],"priceDecimals":2,"quantityDecimals":null}`, with
 * `"isRekeyed":true` where it is.
 */
export function formatShape({
  windows,
  priceDecimals,
  quantityDecimals,
  isRekeyed = false,
}: CheckpointShape): string {
  return JSON.stringify({
    v: 2,
    windows: windows.map(plain),
    priceDecimals,
    quantityDecimals: quantityDecimals ?? null,
    ...(isRekeyed ? { isRekeyed } : {}),
  });
}

/** Undefined for text that another version has written. */
export function parseShape(text: string): CheckpointShape | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined; // no JSON, so not ours
  }
  const { v, ...shape } = (parsed ?? {}) as Omit<CheckpointShape, 'quantityDecimals'> & {
    v?: unknown;
    quantityDecimals: number | null;
  };
  if (v !== 2) return undefined; // what says that it is this version was written by formatShape
  return { ...shape, quantityDecimals: shape.quantityDecimals ?? undefined };
}

/** Nothing but what tells windows apart, always in one order. */
function plain(window: Window): Window {
  if (window.kind === 'count') return { kind: 'count', trades: window.trades, every: window.every };
  return { kind: 'time', sizeMs: window.sizeMs, slideMs: window.slideMs };
}
