/**
 * `tidemark run` from a CSV file to a CSV file, the whole process from start to end, beside what an engineer would
 * reach for otherwise: DuckDB on one thread and awk. Windows of 3 s every 1 s over 100 symbols.
 *
 *   npm run bench:file                   4 M trades, medians of 3 interleaved rounds
 *   npm run bench:file -- --trades 20000000 --rounds 1
 *   npm run bench:file -- --json         figures as JSON lines
 *
 * Every output of every run is compared, window by window, with a recomputation from the trades.
 * DuckDB comes from npm into ~/.cache/tidemark on the first run; its inputs and outputs are the same files.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { marketTrades, symbolName, writeMarketFile, type MarketFile } from './support/market-file.ts';
import { measuredRun, median, type ProcessCost } from './support/process-run.ts';

const DUCKDB = '1.5.6-r.1';
const AWK = `BEGIN { FS = ","; OFS = ","; print "start,end,stockName,price,minPrice,maxPrice,count" }
{ s = int($5 / 1000); for (i = 0; i < 3; i++) { k = (s - i) SUBSEP $1; p = $3 + 0; sum[k] += p; n[k]++
  if (n[k] == 1 || p < min[k]) min[k] = p; if (n[k] == 1 || p > max[k]) max[k] = p } }
END { OFMT = "%.17g"; CONVFMT = "%.17g"; for (k in n) { split(k, a, SUBSEP); printf "%.0f,%.0f,%s,%.17g,%.17g,%.17g,%d\\n", a[1] * 1000, a[1] * 1000 + 3000, a[2], sum[k] / n[k], min[k], max[k], n[k] } }`;

const { values: flags } = parseArgs({
  options: {
    trades: { type: 'string', default: '4000000' },
    rounds: { type: 'string', default: '3' },
    format: { type: 'string', default: 'csv' },
    json: { type: 'boolean', default: false },
  },
});
const market: MarketFile = { trades: Number(flags.trades), symbols: 100, perSecond: 20_000, disorder: 0.05 };
const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
const input = join(folder, 'trades.csv');
const output = join(folder, 'averages.csv');
const cli = fileURLToPath(new URL('../bin/tidemark.js', import.meta.url));

try {
  console.error(`writing ${market.trades.toLocaleString('en')} trades ...`);
  await writeMarketFile(input, market);
  const expected = recomputed(market);
  const contenders = contendersOf();
  const costs = new Map<string, ProcessCost[]>(contenders.map(([name]) => [name, []]));
  for (let round = 0; round < Number(flags.rounds); round++) {
    for (const [name, command, args] of contenders) {
      const cost = await measuredRun(command, args, 1);
      verify(name, expected);
      costs.get(name)?.push(cost);
    }
  }
  report(costs);
} finally {
  rmSync(folder, { recursive: true });
}

function contendersOf(): [string, string, string[]][] {
  const run = [
    cli,
    'run',
    '--input',
    input,
    '--output',
    output,
    '--window',
    '3s',
    '--slide',
    '1s',
    '--delay',
    '5s',
    '--quiet',
  ];
  const packages = duckDb();
  return [
    ['tidemark', process.execPath, run],
    [
      'DuckDB, 1 thread',
      process.execPath,
      [fileURLToPath(new URL('support/peer-duckdb.ts', import.meta.url)), packages, input, output],
    ],
    ['awk', 'bash', ['-c', `exec awk "$0" "$1" > "$2"`, AWK, input, output]],
  ];
}

function duckDb(): string {
  const folder = join(homedir(), '.cache', 'tidemark', `duckdb-${DUCKDB}`);
  mkdirSync(folder, { recursive: true });
  const installed = spawnSync(
    'npm',
    [
      'install',
      '--prefix',
      folder,
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      `@duckdb/node-api@${DUCKDB}`,
    ],
    { stdio: 'inherit' },
  );
  if (installed.status !== 0)
    throw new Error('DuckDB could not be installed from npm; the benchmark compares with it');
  return folder;
}

/** `start symbol` -> sum and count in integers, min and max in cents. */
function recomputed(
  file: MarketFile,
): Map<string, { cents: number; count: number; min: number; max: number }> {
  const windows = new Map<string, { cents: number; count: number; min: number; max: number }>();
  for (const { symbol, priceCents, timeMs } of marketTrades(file)) {
    const second = Math.floor(timeMs / 1000) * 1000;
    for (let startMs = second - 2000; startMs <= second; startMs += 1000) {
      const key = `${startMs} ${symbolName(symbol)}`;
      const window = windows.get(key) ?? { cents: 0, count: 0, min: Infinity, max: 0 };
      window.cents += priceCents;
      window.count++;
      window.min = Math.min(window.min, priceCents);
      window.max = Math.max(window.max, priceCents);
      windows.set(key, window);
    }
  }
  return windows;
}

function verify(name: string, expected: ReturnType<typeof recomputed>): void {
  const lines = readFileSync(output, 'utf8').trimEnd().split('\n').slice(1);
  if (lines.length !== expected.size)
    throw new Error(`${name}: ${lines.length} windows, expected ${expected.size}`);
  for (const line of lines) {
    const [start, end, symbol, price, min, max, count] = line.split(',');
    const window = expected.get(`${start} ${symbol}`);
    const average = window === undefined ? NaN : window.cents / (window.count * 100);
    // The peers add doubles, so their averages drift in the last digits; ours must be the nearest double.
    const isAverage =
      name === 'tidemark' ? Number(price) === average : Math.abs(Number(price) / average - 1) < 1e-9;
    if (
      window === undefined ||
      !isAverage ||
      Number(end) !== Number(start) + 3000 ||
      Number(count) !== window.count ||
      Math.round(Number(min) * 100) !== window.min ||
      Math.round(Number(max) * 100) !== window.max
    ) {
      throw new Error(`${name}: wrong window ${line}, expected ${JSON.stringify(window)}`);
    }
  }
}

function report(costs: ReadonlyMap<string, readonly ProcessCost[]>): void {
  const ours = median((costs.get('tidemark') ?? []).map(({ wallSeconds }) => wallSeconds));
  for (const [name, runs] of costs) {
    const wall = runs.map(({ wallSeconds }) => wallSeconds);
    const cpu = median(runs.map(({ cpuSeconds }) => cpuSeconds));
    const peakMb = Math.max(...runs.map((run) => run.peakMb));
    const figures = {
      name,
      tradesPerSecond: Math.round(market.trades / median(wall)),
      tradesPerCpuSecond: Math.round(market.trades / cpu),
      wallSeconds: { median: median(wall), min: Math.min(...wall), max: Math.max(...wall) },
      peakMb: Math.round(peakMb),
      timesOurs: median(wall) / ours,
    };
    if (flags.json) {
      console.log(JSON.stringify(figures));
      continue;
    }
    console.log(
      name.padEnd(18),
      `${(figures.tradesPerSecond / 1e6).toFixed(2).padStart(6)} M trades/s`,
      `${(figures.tradesPerCpuSecond / 1e6).toFixed(2).padStart(6)} M per CPU second`,
      `${median(wall).toFixed(2).padStart(6)} s (${Math.min(...wall).toFixed(2)}-${Math.max(...wall).toFixed(2)})`,
      `${String(figures.peakMb).padStart(5)} MB peak`,
      `${figures.timesOurs.toFixed(1).padStart(5)} x our time`,
    );
  }
}
