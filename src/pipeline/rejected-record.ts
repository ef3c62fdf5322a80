import type { Rejection } from '../trade/rejection.ts';
import { asIs } from './reject-output.ts';

/** Where a record stands in Kafka. */
export interface KafkaPlace {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** A record that is no trade, as the value of its dead letter; docs/semantics.md has the fields. */
export function deadLetterValue(
  place: KafkaPlace,
  { index, code, field, column, reason }: Rejection,
  key: Uint8Array | null,
  value: Uint8Array,
): string {
  return JSON.stringify({
    ...place,
    index,
    field,
    code,
    column,
    reason,
    ...asIs('key', key),
    ...asIs('value', value),
  });
}

/** A trade whose windows had all closed, as the value of a record of the late topic. */
export function lateTradeValue(
  place: KafkaPlace,
  trade: { readonly symbol: string; readonly timeMs: number; readonly watermarkMs: number },
  value: Uint8Array,
): string {
  const { symbol, timeMs, watermarkMs } = trade;
  const what = { symbol, time: timeMs, watermark: watermarkMs, code: 'late', reason: LATE };
  return JSON.stringify({ ...place, ...what, ...asIs('value', value) });
}

const LATE = 'all windows of its time had closed';
