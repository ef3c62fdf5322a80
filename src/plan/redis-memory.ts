import { figure, line, type Line, type Section } from './line.ts';
import { CHECKPOINT_BYTES, MEASURED } from './measured.ts';
import { paneMsOf, type Targets } from './targets.ts';

export interface RedisPlan extends Section {
  /** To set as maxmemory. */
  readonly gigabytes: number;
}

/** By docs/checkpoint-layout.md: a member for each open pane, a field for each symbol's last trades. */
export function planRedis(targets: Targets): RedisPlan {
  const panes = paneLines(targets);
  const tails = tailLines(targets);
  const bytes = panes.bytes + tails.bytes;
  const kept = bytes * MEASURED.redisOverhead;
  const gigabytes = (kept * MEASURED.redisPeak) / 1e9;
  const overhead = MEASURED.redisOverhead.toFixed(3);
  return {
    title: 'Redis',
    gigabytes,
    lines: [
      ...panes.lines,
      ...tails.lines,
      line('kept', kept / 1e6, 'MB', `${figure(bytes / 1e6)} MB × ${overhead} of Redis itself`),
      line(
        'maxmemory',
        gigabytes * 1e3,
        'MB',
        `${figure(kept / 1e6)} MB × ${MEASURED.redisPeak}, for a save stands beside what it replaces`,
      ),
    ],
    notes: ['with maxmemory-policy noeviction; persistence is not needed, Kafka alone is enough to recover'],
  };
}

function paneLines(targets: Targets): { bytes: number; lines: Line[] } {
  const { windows, delayMs, symbols, symbolBytes, measures } = targets;
  const paneMs = paneMsOf(targets);
  if (paneMs === 0) return { bytes: 0, lines: [] };
  const longestMs = Math.max(...windows.map((window) => (window.kind === 'time' ? window.sizeMs : 0)));
  const panes = Math.ceil((longestMs + delayMs) / paneMs) + 1;
  const withVolume = measures.includes('volume') || measures.includes('vwap');
  const figures = withVolume ? CHECKPOINT_BYTES.figuresWithVolume : CHECKPOINT_BYTES.figures;
  const perSymbol = figures + symbolBytes + 1;
  const bytes = panes * symbols * perSymbol;
  const [longest, delay, pane] = [longestMs, delayMs, paneMs].map((ms) => `${figure(ms / 1_000)} s`);
  return {
    bytes,
    lines: [
      line(
        'panes open at once',
        panes,
        '',
        `⌈(${longest} of window + ${delay} of delay) / ${pane} a pane⌉ + 1`,
      ),
      line('a symbol in a pane', perSymbol, 'bytes', `${figures} of figures + ${symbolBytes} of name + 1`),
      line('panes', bytes / 1e6, 'MB', `${panes} × ${figure(symbols)} symbols × ${perSymbol} bytes`),
    ],
  };
}

function tailLines({ windows, symbols }: Targets): { bytes: number; lines: Line[] } {
  let sum = 0;
  const lines = windows.flatMap((window) => {
    if (window.kind === 'time') return [];
    const { tail, tailTrade } = CHECKPOINT_BYTES;
    const bytes = symbols * (tail + window.trades * tailTrade);
    sum += bytes;
    const arithmetic = `${figure(symbols)} symbols × (${tail} + ${figure(window.trades)} × ${tailTrade} bytes)`;
    return [line(`last ${figure(window.trades)} trades`, bytes / 1e6, 'MB', arithmetic)];
  });
  return { bytes: sum, lines };
}
