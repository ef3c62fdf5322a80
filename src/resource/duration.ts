/**
 * A duration as Go and Kubernetes write it: whole numbers with units, the largest unit first, each unit once.
 * The pattern keeps to what RE2 knows, so that a Kubernetes API server can apply it too; alone it allows ''.
 */
export const DURATION_PATTERN = /^(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$/;

/** `1m30s` as 90000 milliseconds; undefined for a text that is no duration or too long to count in milliseconds. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION_PATTERN.exec(text);
  if (match === null || text === '') return undefined;
  const parts: readonly (string | undefined)[] = match.slice(1);
  const ms = UNITS.reduce((sum, { ms }, index) => sum + Number.parseInt(parts[index] ?? '0', 10) * ms, 0);
  return Number.isSafeInteger(ms) ? ms : undefined;
}

/** `durationMs`, a whole number from 0, without parts that are zero: 90000 as `1m30s`, 0 as `0s`. */
export function formatDuration(durationMs: number): string {
  let text = '';
  let leftMs = durationMs;
  for (const { unit, ms } of UNITS) {
    const count = Math.floor(leftMs / ms);
    if (count > 0) text += `${count}${unit}`;
    leftMs -= count * ms;
  }
  return text === '' ? '0s' : text;
}

const UNITS = [
  { unit: 'd', ms: 86_400_000 },
  { unit: 'h', ms: 3_600_000 },
  { unit: 'm', ms: 60_000 },
  { unit: 's', ms: 1000 },
  { unit: 'ms', ms: 1 },
] as const;
