import type { TradeColumns } from '../../src/window/trade-columns.ts';
import type { Trade } from './naive-windows.ts';

/** Trades in the columns that the window operator takes. */
export function columnsOf(trades: readonly Trade[]): TradeColumns {
  return {
    length: trades.length,
    symbolId: Int32Array.from(trades, ({ symbolId }) => symbolId),
    priceTicks: Float64Array.from(trades, ({ price }) => price),
    quantityUnits: Float64Array.from(trades, ({ quantity }) => quantity),
    timeMs: Float64Array.from(trades, ({ timeMs }) => timeMs),
    symbolCount: Math.max(0, ...trades.map(({ symbolId }) => symbolId)) + 1,
  };
}
