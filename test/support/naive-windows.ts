import type { CountWindow, TimeWindow, Window } from '../../src/window/time-window.ts';

/** One trade as a test writes it down. */
export interface Trade {
  readonly symbolId: number;
  readonly timeMs: number;
  /** In ticks. */
  readonly price: number;
  /** In units. */
  readonly quantity: number;
}

/** One expected result: the trades that are in the window, nothing computed yet. */
export interface ExpectedResult {
  readonly windowIndex: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly symbolId: number;
  readonly trades: readonly Trade[];
  readonly final: boolean;
}

/**
 * The definition of the windows as plainly as it can be written: a list of trades per window. It shares no idea
 * (panes, sliding sums, queues) with the product, so that agreement means something.
 */
export class NaiveWindows {
  watermarkMs = -Infinity;
  readonly late: Trade[] = [];
  readonly #windows: readonly Window[];
  readonly #delayMs: number;
  readonly #updates: boolean;
  readonly #open = new Map<string, ExpectedResult & { trades: Trade[] }>();
  readonly #arrived = new Map<string, { trades: Trade[]; emittedAt: number }>();

  constructor(windows: readonly Window[], delayMs: number, emit: 'final' | 'update') {
    this.#windows = windows;
    this.#delayMs = delayMs;
    this.#updates = emit === 'update';
  }

  /** Takes one trade and returns what is emitted because of it. */
  take(trade: Trade): ExpectedResult[] {
    const emitted = this.idle(trade.timeMs - this.#delayMs);
    let counted = false;
    for (const [windowIndex, window] of this.#windows.entries()) {
      if (window.kind === 'count') {
        emitted.push(...this.#takeByCount(windowIndex, window, trade));
      } else {
        const into = this.#windowsOf(windowIndex, window, trade);
        for (const open of into) open.trades.push(trade);
        counted ||= into.length > 0;
        if (this.#updates)
          emitted.push(...into.map((open) => ({ ...open, trades: [...open.trades], final: false })));
      }
    }
    if (!counted && this.#windows.some(({ kind }) => kind === 'time')) this.late.push(trade);
    return emitted;
  }

  idle(watermarkMs: number): ExpectedResult[] {
    if (watermarkMs <= this.watermarkMs) return [];
    this.watermarkMs = watermarkMs;
    return this.#closed(watermarkMs);
  }

  closeAll(): ExpectedResult[] {
    const emitted = this.#closed(Infinity);
    for (const [key, arrived] of this.#arrived) {
      const [windowIndex, symbolId] = key.split('/').map(Number);
      const window = this.#windows[windowIndex] as CountWindow;
      if (arrived.emittedAt === arrived.trades.length) continue;
      emitted.push(lastTrades(windowIndex, symbolId, window, arrived.trades, true));
    }
    return emitted;
  }

  #windowsOf(windowIndex: number, { sizeMs, slideMs }: TimeWindow, trade: Trade) {
    const into: (ExpectedResult & { trades: Trade[] })[] = [];
    for (
      let startMs = Math.floor(trade.timeMs / slideMs) * slideMs;
      startMs + sizeMs > trade.timeMs;
      startMs -= slideMs
    ) {
      const endMs = startMs + sizeMs;
      if (endMs <= this.watermarkMs) continue;
      const key = `${windowIndex}/${startMs}/${trade.symbolId}`;
      const open = this.#open.get(key) ?? {
        windowIndex,
        startMs,
        endMs,
        symbolId: trade.symbolId,
        trades: [],
        final: true,
      };
      this.#open.set(key, open);
      into.push(open);
    }
    return into;
  }

  #takeByCount(windowIndex: number, window: CountWindow, trade: Trade): ExpectedResult[] {
    const key = `${windowIndex}/${trade.symbolId}`;
    const arrived = this.#arrived.get(key) ?? { trades: [], emittedAt: 0 };
    this.#arrived.set(key, arrived);
    arrived.trades.push(trade);
    const seen = arrived.trades.length;
    const due = seen >= window.trades && (seen - window.trades) % window.every === 0;
    if (due) arrived.emittedAt = seen;
    return due || this.#updates ? [lastTrades(windowIndex, trade.symbolId, window, arrived.trades, due)] : [];
  }

  #closed(watermarkMs: number): ExpectedResult[] {
    const closed = [...this.#open].filter(([, { endMs }]) => endMs <= watermarkMs);
    for (const [key] of closed) this.#open.delete(key);
    return closed.map(([, window]) => window);
  }
}

function lastTrades(
  windowIndex: number,
  symbolId: number,
  window: CountWindow,
  arrived: readonly Trade[],
  final: boolean,
): ExpectedResult {
  const trades = arrived.slice(-window.trades);
  return {
    windowIndex,
    startMs: trades[0].timeMs,
    endMs: trades[trades.length - 1].timeMs,
    symbolId,
    trades,
    final,
  };
}
