import type {
  Checkpoint,
  CheckpointChange,
  CheckpointPane,
  CheckpointTail,
} from '../../src/pipeline/checkpoint.ts';

export function pane(
  startMs: number,
  figuresOf: Readonly<Record<string, readonly number[]>>,
): CheckpointPane {
  return {
    startMs,
    symbols: Object.keys(figuresOf),
    figures: Float64Array.from(Object.values(figuresOf).flat()),
  };
}

export function tail(window: number, symbol: string, prices: readonly number[]): CheckpointTail {
  return {
    window,
    symbol,
    seen: prices.length,
    timesMs: Float64Array.from(prices, (_, i) => 1000 * i),
    priceTicks: Float64Array.from(prices),
    quantityUnits: Float64Array.from(prices, () => 1),
  };
}

/** A whole save of nothing, but for what is given. */
export function change(given: Partial<CheckpointChange>): CheckpointChange {
  return {
    offset: 0n,
    watermarkMs: 0,
    shape: '3s/1s',
    panes: [],
    tails: [],
    whole: true,
    dropBeforeMs: -Infinity,
    ...given,
  };
}

/** A checkpoint to compare: tails have no order. */
export function inOrder(checkpoint: Checkpoint | undefined): Checkpoint | undefined {
  if (checkpoint === undefined) return undefined;
  const key = ({ window, symbol }: CheckpointTail): string => `${window}:${symbol}`;
  return { ...checkpoint, tails: [...checkpoint.tails].sort((a, b) => (key(a) < key(b) ? -1 : 1)) };
}
