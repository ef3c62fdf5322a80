// Figures rounded for eyes. Programs read the files and JSON lines, which carry them in full.

const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;

/** Two decimals, as exchanges quote; four or six where the price is under 1 or under 0.01. */
export function priceText(price: number): string {
  if (Number.isNaN(price)) return '–';
  const size = Math.abs(price);
  if (size >= 1 || size === 0) return price.toFixed(2);
  return price.toFixed(size >= 0.01 ? 4 : 6);
}

/** `1,234`, and from a million on `1.23 M`. */
export function countText(count: number): string {
  if (Number.isNaN(count)) return '–';
  if (count < 1e6) return GROUPED.format(count);
  const [divisor, unit] = count < 1e9 ? [1e6, 'M'] : count < 1e12 ? [1e9, 'G'] : [1e12, 'T'];
  return `${(count / divisor).toPrecision(3)} ${unit}`;
}

/** `1.2 GB`, in powers of 1000 as disks and networks count. */
export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const [divisor, unit] = bytes < 1e6 ? [1e3, 'kB'] : bytes < 1e9 ? [1e6, 'MB'] : [1e9, 'GB'];
  return `${(bytes / divisor).toFixed(1)} ${unit}`;
}

/** `0:07`, `12:34`, `1:02:03`. */
export function durationText(durationMs: number): string {
  const seconds = Math.ceil(durationMs / SECOND_MS);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const pair = (value: number): string => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${pair(minutes)}:${pair(seconds % 60)}` : `${minutes}:${pair(seconds % 60)}`;
}

/** The time of day in UTC, `20:55:38`; with milliseconds if there are any. */
export function timeText(timeMs: number): string {
  const iso = new Date(timeMs).toISOString();
  return timeMs % SECOND_MS === 0 ? iso.slice(11, 19) : iso.slice(11, 23);
}

/** `20:55:38–20:55:41`; windows of a day and more `08-21 00:00–08-22 00:00`. */
export function windowText(startMs: number, endMs: number): string {
  if (endMs - startMs < DAY_MS) return `${timeText(startMs)}–${timeText(endMs)}`;
  return `${dateText(startMs)}–${dateText(endMs)}`;
}

/** `text` in at most `width` columns, the cut shown. */
export function clipped(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

function dateText(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(5, 16).replace('T', ' ');
}

const GROUPED = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
