import type { TradeCodec } from '../trade/codec.ts';
import { printable } from '../trade/rejection.ts';
import type { SymbolTable } from '../trade/symbol-table.ts';
import { TradeBatch } from '../trade/trade-batch.ts';
import { priceText, timeText } from './for-eyes.ts';

/** A record of a topic as it came. */
export interface RawRecord {
  readonly partition: number;
  readonly offset: number;
  /** When it was written, in ms since the epoch. */
  readonly timestampMs: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
}

/** A result as it stands in the output topic; a measure that is not asked for is undefined. */
export interface ResultRecord {
  readonly start: number;
  readonly end: number;
  readonly stockName: string;
  readonly price?: number;
  readonly minPrice?: number;
  readonly maxPrice?: number;
  readonly count?: number;
  readonly volume?: number;
  readonly vwap?: number | null;
  readonly final?: boolean;
}

/** What a record says, found out by looking at it: one topic may hold anything. */
export interface RecordView {
  readonly symbol: string | undefined;
  /** Undefined where it is no result. */
  readonly result: ResultRecord | undefined;
  /** For eyes, without anything that would command a terminal. */
  readonly text: string;
}

export interface TradeReading {
  /** Of records that are a JSON object, and of all others. */
  readonly json: TradeCodec;
  readonly csv: TradeCodec;
  readonly symbols: SymbolTable;
  readonly ticksPerPrice: number;
}

/** Looks at records of any of a pipeline's topics: results, late trades, dead letters and trades. */
export class RecordViewer {
  readonly #reading: TradeReading;
  readonly #trades = new TradeBatch();

  constructor(reading: TradeReading) {
    this.#reading = reading;
  }

  view(record: RawRecord): RecordView {
    const key = record.key === null ? undefined : printable(Buffer.from(record.key).toString());
    if (record.value === null) return { symbol: key, result: undefined, text: 'a tombstone: no value' };
    const object = objectIn(record.value);
    if (isResult(object)) return { symbol: object.stockName, result: object, text: textOf(record.value) };
    if (isReject(object)) {
      const symbol = typeof object.symbol === 'string' ? object.symbol : key;
      return { symbol, result: undefined, text: rejectText(object) };
    }
    const { json, csv } = this.#reading;
    const trade = this.#trade(object === undefined ? csv : json, record.value);
    if (trade !== undefined) return trade;
    return { symbol: key, result: undefined, text: textOf(record.value) };
  }

  #trade(codec: TradeCodec, value: Uint8Array): RecordView | undefined {
    const trades = this.#trades;
    trades.clear();
    codec.decode(value, 0, value.length, trades);
    if (trades.length === 0) return undefined;
    const price = priceText(trades.priceTicks[0] / this.#reading.ticksPerPrice);
    const text = `${price} at ${timeText(trades.timeMs[0])}   ${textOf(value)}`;
    return { symbol: this.#reading.symbols.name(trades.symbolId[0]), result: undefined, text };
  }
}

type JsonObject = Readonly<Record<string, unknown>>;

function objectIn(value: Uint8Array): JsonObject | undefined {
  if (value[0] !== OPENING_BRACE) return undefined;
  try {
    return JSON.parse(Buffer.from(value).toString()) as JsonObject;
  } catch {
    return undefined; // no JSON after all
  }
}

const OPENING_BRACE = 0x7b;

function isResult(object: JsonObject | undefined): object is JsonObject & ResultRecord {
  return (
    typeof object?.start === 'number' &&
    typeof object.end === 'number' &&
    typeof object.stockName === 'string'
  );
}

/** A dead letter or a late trade: docs/semantics.md. */
interface Reject extends JsonObject {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly code: string;
  readonly reason: string;
}

function isReject(object: JsonObject | undefined): object is Reject {
  return (
    typeof object?.code === 'string' && typeof object.reason === 'string' && typeof object.topic === 'string'
  );
}

function rejectText({ topic, partition, offset, code, reason, time, watermark, ...rest }: Reject): string {
  const place = `${topic}/${partition}@${offset}`;
  const value = typeof rest.value === 'string' ? printable(rest.value) : '';
  if (code === 'late' && typeof time === 'number' && typeof watermark === 'number') {
    const behind = ((watermark - time) / 1000).toFixed(1);
    return `late: ${timeText(time)} is ${behind} s behind the watermark   ${place}   ${value}`;
  }
  return `${code}: ${printable(reason)}   ${place}   ${value}`;
}

function textOf(value: Uint8Array): string {
  return printable(Buffer.from(value).toString());
}
