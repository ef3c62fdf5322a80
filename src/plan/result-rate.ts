import { figure } from './line.ts';
import type { Targets } from './targets.ts';

export interface ResultRate {
  /** Such as `3 s every 1 s`. */
  readonly window: string;
  readonly perSecond: number;
  readonly arithmetic: string;
}

/**
 * The most results a second, by window: one for each symbol at each slide, and no more than its trades have windows.
 */
export function resultRates({ windows, symbols }: Targets, tradesPerSecond: number): ResultRate[] {
  const rate = `${figure(tradesPerSecond)} trades/s`;
  return windows.map((window) => {
    if (window.kind === 'count') {
      const { trades, every } = window;
      return {
        window: `${figure(trades)} trades every ${figure(every)}`,
        perSecond: tradesPerSecond / every,
        arithmetic: `${rate} / ${figure(every)}`,
      };
    }
    const { sizeMs, slideMs } = window;
    const [size, slide] = [sizeMs, slideMs].map((ms) => `${figure(ms / 1_000)} s`);
    const bySymbols = (symbols * 1_000) / slideMs;
    const windowsOfATrade = Math.ceil(sizeMs / slideMs);
    const byTrades = tradesPerSecond * windowsOfATrade;
    return {
      window: `${size} every ${slide}`,
      perSecond: Math.min(bySymbols, byTrades),
      arithmetic:
        bySymbols <= byTrades
          ? `${figure(symbols)} symbols / ${slide}`
          : `${rate} × ${windowsOfATrade} windows, fewer than ${figure(symbols)} symbols / ${slide}`,
    };
  });
}

export function sumOf(rates: readonly ResultRate[]): number {
  return rates.reduce((sum, { perSecond }) => sum + perSecond, 0);
}
