import { asIs } from '../pipeline/reject-output.ts';
import type { RawRecord } from './record-view.ts';

/**
 * A record of a topic as a line of JSON: `{"partition":0,"offset":7,"timestamp":1534848938300,"key":"AMC","value":…}`.
 * A value that is a JSON object stands there as one, any other as text; what is no text is in `keyBase64` or
 * `valueBase64`.
 */
export function recordJson({ partition, offset, timestampMs, key, value }: RawRecord): string {
  const place = { partition, offset, timestamp: timestampMs, ...asIs('key', key) };
  const object = value === null ? undefined : objectText(value);
  if (object === undefined) return `${JSON.stringify({ ...place, ...asIs('value', value) })}\n`;
  return `${JSON.stringify(place).slice(0, -1)},"value":${object}}\n`;
}

/** As it was written, for numbers of more than 15 digits do not outlive being parsed. */
function objectText(value: Uint8Array): string | undefined {
  const text = Buffer.from(value).toString();
  if (!/^\{[^\n\r]*\}$/.test(text)) return undefined;
  try {
    JSON.parse(text);
    return text;
  } catch {
    return undefined; // braces alone make no JSON
  }
}
