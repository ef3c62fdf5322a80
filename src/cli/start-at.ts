import { InvalidArgumentError } from 'commander';
import type { StartAt } from '../kafka/start-offsets.ts';
import { parseDuration } from '../resource/duration.ts';

/** What `--from` says, `nowMs` being now: `beginning`, `end`, an offset, a time in ISO 8601, or `-10m` ago. */
export function parseStartAt(text: string, nowMs: number): StartAt {
  if (text === 'beginning' || text === 'end') return { kind: text };
  if (/^\d{1,15}$/.test(text)) return { kind: 'offset', offset: Number(text) };
  const agoMs = text.startsWith('-') ? parseDuration(text.slice(1)) : undefined;
  if (agoMs !== undefined) return { kind: 'time', timeMs: nowMs - agoMs };
  const timeMs = isoTime(text);
  if (timeMs !== undefined) return { kind: 'time', timeMs };
  throw new InvalidArgumentError(
    'beginning, end, an offset, a time such as 2026-03-01T14:30:00Z, or -10m is expected.',
  );
}

/** In UTC unless it says otherwise, as everywhere else. */
function isoTime(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/.test(text)) return undefined;
  const hasZone = /(Z|[+-]\d\d:\d\d)$/.test(text) || !text.includes('T'); // a date alone is UTC to JavaScript
  const timeMs = Date.parse(hasZone ? text : `${text}Z`);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
