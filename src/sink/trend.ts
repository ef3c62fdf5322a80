/** Averages that a trend looks back on. */
export const TREND_LENGTH = 12;

const BARS = '▁▂▃▄▅▆▇█';
const MIDDLE = '▄';

/** The last `width` of `averages` as bars between their lowest and their highest. */
export function sparkline(averages: readonly number[], width: number): string {
  const shown = averages.slice(-width);
  const low = Math.min(...shown);
  const range = Math.max(...shown) - low;
  return shown
    .map((average) => (range > 0 ? BARS[Math.round(((average - low) / range) * (BARS.length - 1))] : MIDDLE))
    .join('');
}

export interface Change {
  readonly direction: 'up' | 'down' | 'none';
  /** At most seven columns: `▲ 0.12%`. */
  readonly text: string;
}

/** How the last average stands to the one before. */
export function changeOf(averages: readonly number[]): Change {
  const last = averages.at(-1);
  const before = averages.at(-2);
  if (last === undefined || before === undefined || before === 0) return { direction: 'none', text: '' };
  const percent = (last / before - 1) * 100;
  const size = percentText(Math.abs(percent));
  if (size === '0.00%') return { direction: 'none', text: `= ${size}` };
  return percent > 0 ? { direction: 'up', text: `▲ ${size}` } : { direction: 'down', text: `▼ ${size}` };
}

function percentText(percent: number): string {
  if (percent >= 999.5) return '>999%';
  return `${percent.toFixed(percent < 9.995 ? 2 : percent < 99.95 ? 1 : 0)}%`;
}
