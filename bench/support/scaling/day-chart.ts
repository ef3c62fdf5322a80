import { SCENARIO } from './scaling-scenario.ts';
import type { Day } from './market-day.ts';
import type { ScaledDay } from './scaled-day.ts';

/**
 * A day as an SVG: what arrives, how many aggregators run and how long trades wait, ours before another. Each point is
 * the most of two minutes, so that nothing short is lost. The same days give the same text.
 */
export function dayChart(day: Day, ours: ScaledDay, other: ScaledDay): string {
  const longest = Math.max(ours.wait.max, other.wait.max);
  const panels: Panel[] = [
    {
      title: 'Trades per second',
      most: roundedUp(day.reduce((most, each) => Math.max(most, each))),
      unit: (value) => `${value / 1e6} M`,
      lines: [{ values: day, color: INK, isStepped: false }],
    },
    {
      title: 'Aggregators',
      most: SCENARIO.partitions,
      unit: String,
      lines: [
        { values: other.replicas, color: OTHER, isStepped: true },
        { values: ours.replicas, color: OURS, isStepped: true },
      ],
    },
    {
      title: 'The longest wait of a trade, seconds',
      most: roundedUp(longest),
      unit: String,
      lines: [
        { values: other.waitSeconds, color: OTHER, isStepped: false },
        { values: ours.waitSeconds, color: OURS, isStepped: false },
      ],
    },
  ];
  const height = TOP + panels.length * (PANEL_HEIGHT + GAP);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12" fill="${INK}">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    legend(LEFT, OURS, ours),
    legend(LEFT + 330, OTHER, other),
    ...panels.map((panel, index) => drawn(panel, TOP + GAP / 2 + index * (PANEL_HEIGHT + GAP))),
    '</svg>\n',
  ].join('\n');
}

interface Panel {
  readonly title: string;
  readonly most: number;
  readonly unit: (value: number) => string;
  readonly lines: readonly {
    readonly values: Float64Array;
    readonly color: string;
    readonly isStepped: boolean;
  }[];
}

const WIDTH = 920;
const LEFT = 50;
const RIGHT = 20;
const TOP = 40;
const GAP = 40;
const PANEL_HEIGHT = 130;
const POINT_SECONDS = 120;
const OURS = '#0b6e4f';
const OTHER = '#c9742b';
const INK = '#333333';

function legend(x: number, color: string, { scaler, replicaChanges, wait }: ScaledDay): string {
  const text = `${scaler}: ${replicaChanges} changes, p99 ${wait.p99.toFixed(1)} s`;
  return `<rect x="${x}" y="16" width="12" height="12" fill="${color}"/><text x="${x + 18}" y="26">${text}</text>`;
}

function drawn({ title, most, unit, lines }: Panel, top: number): string {
  const bottom = top + PANEL_HEIGHT;
  const levels = [0, most / 2, most].map((value) => {
    const y = bottom - (value / most) * PANEL_HEIGHT;
    return `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}" stroke="#dddddd"/><text x="${LEFT - 6}" y="${y + 4}" text-anchor="end">${unit(value)}</text>`;
  });
  const hours = [0, 6, 12, 18, 24].map(
    (hour) => `<text x="${xOf(hour * 3_600)}" y="${bottom + 15}" text-anchor="middle">${hour}:00</text>`,
  );
  const paths = lines.map(
    ({ values, color, isStepped }) =>
      `<path d="${path(values, most, bottom, isStepped)}" fill="none" stroke="${color}" stroke-width="1.2"/>`,
  );
  return [...levels, ...hours, `<text x="${LEFT}" y="${top - 6}">${title}</text>`, ...paths].join('\n');
}

function path(values: Float64Array, most: number, bottom: number, isStepped: boolean): string {
  let text = '';
  let lastY = '';
  for (let second = 0; second < values.length; second += POINT_SECONDS) {
    const value = Math.max(...values.subarray(second, second + POINT_SECONDS));
    const y = (bottom - (Math.min(value, most) / most) * PANEL_HEIGHT).toFixed(1);
    const x = xOf(second);
    if (second === 0) text = `M${x} ${y}`;
    else if (isStepped) text += y === lastY ? '' : `H${x}V${y}`;
    else text += `L${x} ${y}`;
    lastY = y;
  }
  return isStepped ? `${text}H${WIDTH - RIGHT}` : text;
}

function xOf(second: number): string {
  return (LEFT + (second / 86_400) * (WIDTH - LEFT - RIGHT)).toFixed(1);
}

/** To one, two or five times a power of ten. */
function roundedUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((times) => times * power >= value) ?? 10) * power;
}
