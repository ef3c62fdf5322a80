/**
 * The window core alone: trades in columns to results in columns, no bytes parsed and none written.
 *
 *   npm run bench:window-core                 throughput, ratio, memory; medians of 5 interleaved rounds
 *   npm run bench:window-core -- --crossing   where folding on close and sliding cross
 *   npm run bench:window-core -- --json       figures as JSON lines
 *
 * Each run is verified: every trade that is not late must be counted, with its price, in exactly size / slide windows.
 */
import { parseArgs } from 'node:util';
import { ResultColumns } from '../src/window/results.ts';
import type { TimeWindow } from '../src/window/time-window.ts';
import { LateTrades } from '../src/window/trade-columns.ts';
import { WindowOperator } from '../src/window/window-operator.ts';
import { marketTrades, type MarketFile } from './support/market-file.ts';
import { median } from './support/process-run.ts';

interface Scenario {
  readonly name: string;
  readonly window: TimeWindow;
  readonly market: MarketFile;
  readonly foldOnClosePanes?: number;
}

interface Measured {
  readonly nsPerTrade: number;
  readonly results: number;
  readonly late: number;
  readonly bytesPerCell: number;
  readonly heapMb: readonly number[];
}

const DELAY_MS = 5_000;
const BATCH_ROWS = 4_096;
const ROUNDS = 5;
const busy = (symbols: number, trades = 4_000_000): MarketFile => ({
  trades,
  symbols,
  perSecond: 20_000,
  disorder: 0.05,
});
const sparse: MarketFile = { trades: 2_000_000, symbols: 100, perSecond: 500, disorder: 0.05 };
const over = (panes: number): TimeWindow => ({ kind: 'time', sizeMs: panes * 1_000, slideMs: 1_000 });

const SCENARIOS: readonly Scenario[] = [
  { name: '100 symbols, 20,000 trades/s, 3 s / 1 s', window: over(3), market: busy(100) },
  { name: '10,000 symbols, 20,000 trades/s, 3 s / 1 s', window: over(3), market: busy(10_000) },
  { name: '100 symbols, 500 trades/s, ratio 3', window: over(3), market: sparse },
  { name: '100 symbols, 500 trades/s, ratio 60', window: over(60), market: sparse },
  { name: '100 symbols, 500 trades/s, ratio 3,600', window: over(3_600), market: sparse },
];
const CROSSING: readonly Scenario[] = [2, 3, 4, 6, 8, 12, 16, 24, 32].flatMap((panes) =>
  [busy(100), sparse].flatMap((market) =>
    [panes, 0].map((foldOnClosePanes) => ({
      name: `ratio ${panes}, ${market.perSecond} trades/s, ${foldOnClosePanes > 0 ? 'fold on close' : 'sliding'}`,
      window: over(panes),
      market,
      foldOnClosePanes,
    })),
  ),
);

const { values: flags } = parseArgs({
  options: { json: { type: 'boolean', default: false }, crossing: { type: 'boolean', default: false } },
});
const scenarios = flags.crossing ? CROSSING : SCENARIOS;
const measured = new Map<string, Measured[]>(scenarios.map(({ name }) => [name, []]));
for (let round = 0; round < ROUNDS; round++) {
  for (const scenario of scenarios) measured.get(scenario.name)?.push(run(scenario));
}
for (const [name, runs] of measured) report(name, runs);
if (!flags.crossing) reportMemory();

function run({ window, market, ...options }: Scenario): Measured {
  const scale = { ticksPerPrice: 100, unitsPerShare: 1, withQuantity: false };
  const operator = new WindowOperator({
    windows: [window],
    delayMs: DELAY_MS,
    emit: 'final',
    scale,
    ...options,
  });
  const batch = {
    length: 0,
    symbolId: new Int32Array(BATCH_ROWS),
    priceTicks: new Float64Array(BATCH_ROWS),
    quantityUnits: new Float64Array(BATCH_ROWS),
    timeMs: new Float64Array(BATCH_ROWS),
    symbolCount: market.symbols,
  };
  const results = new ResultColumns();
  const late = new LateTrades();
  const check = { counted: 0, priced: 0, trades: 0, ticks: 0, late: 0, results: 0 };
  const heapMb: number[] = [];
  let foldedNs = 0n;
  let bytesPerCell = 0;

  const foldBatch = (): void => {
    const startedNs = process.hrtime.bigint();
    operator.fold(batch, 0, batch.length, results, late);
    foldedNs += process.hrtime.bigint() - startedNs;
    for (const row of late.row) check.ticks -= batch.priceTicks[row];
    check.trades += batch.length - late.length;
    check.late += late.length;
    batch.length = 0;
    late.clear();
    tally(results, check);
  };
  for (const { symbol, priceCents, timeMs } of marketTrades(market)) {
    batch.symbolId[batch.length] = symbol;
    batch.priceTicks[batch.length] = priceCents;
    batch.timeMs[batch.length] = timeMs;
    check.ticks += priceCents;
    if (++batch.length < BATCH_ROWS) continue;
    foldBatch();
    const quarter = Math.floor((check.trades / market.trades) * 4);
    if (quarter > heapMb.length) {
      heapMb.push((process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers) / 1e6);
      bytesPerCell = operator.bytes / operator.cells;
    }
  }
  foldBatch();
  operator.closeAll(results);
  tally(results, check);

  const ratio = window.sizeMs / window.slideMs;
  const pricedTicks = Math.round(check.priced * 100);
  if (check.counted !== check.trades * ratio || Math.abs(pricedTicks / (check.ticks * ratio) - 1) > 1e-9) {
    throw new Error(
      `wrong: ${check.counted} counted of ${check.trades} x ${ratio}, ${pricedTicks} of ${check.ticks} ticks`,
    );
  }
  return {
    nsPerTrade: Number(foldedNs) / market.trades,
    results: check.results,
    late: check.late,
    bytesPerCell,
    heapMb,
  };
}

function tally(results: ResultColumns, check: { counted: number; priced: number; results: number }): void {
  for (let i = 0; i < results.length; i++) {
    check.counted += results.count[i];
    check.priced += results.average[i] * results.count[i];
  }
  check.results += results.length;
  results.clear();
}

function report(name: string, runs: readonly Measured[]): void {
  const ns = runs.map(({ nsPerTrade }) => nsPerTrade);
  const millions = 1e3 / median(ns);
  const range = [1e3 / Math.max(...ns), 1e3 / Math.min(...ns)];
  const { results, late, bytesPerCell } = runs[0];
  if (flags.json) {
    console.log(
      JSON.stringify({
        name,
        millionTradesPerSecond: millions,
        range,
        nsPerTrade: median(ns),
        results,
        late,
        bytesPerCell,
      }),
    );
    return;
  }
  console.log(
    name.padEnd(46),
    `${millions.toFixed(1).padStart(6)} M trades/s (${range.map((each) => each.toFixed(1)).join('-')})`,
    `${median(ns).toFixed(0).padStart(5)} ns/trade`,
    `${results.toLocaleString('en').padStart(9)} results`,
    `${bytesPerCell.toFixed(0).padStart(4)} bytes/cell`,
  );
}

/** Flat over time: the heap at each quarter of 20 M trades. Linear in symbols x open panes: bytes per cell. */
function reportMemory(): void {
  const flat = run({ name: 'flat', window: over(3), market: busy(100, 20_000_000) });
  console.log('heap and arrays over 20 M trades, MB:', flat.heapMb.map((mb) => mb.toFixed(1)).join(', '));
  for (const symbols of [1_000, 10_000, 100_000]) {
    const { bytesPerCell } = run({
      name: 'linear',
      window: over(60),
      market: { ...busy(symbols), perSecond: symbols * 5 },
    });
    console.log(
      `${symbols.toLocaleString('en').padStart(9)} symbols, 60 panes: ${bytesPerCell.toFixed(0)} bytes per symbol and open pane`,
    );
  }
}
