import { EXIT, TidemarkError } from '../pipeline/error.ts';
import type { CodecOptions } from '../trade/codec.ts';
import { csvColumns } from '../trade/csv-header.ts';
import { USUAL_NAMES } from '../trade/field-names.ts';
import type { Field } from '../trade/rejection.ts';

export interface TradeFigures {
  readonly symbol: string;
  /** `SELL`, or `BUY ` with a space behind it, as the predecessor wrote it. */
  readonly side: 'SELL' | 'BUY ';
  /** In hundredths. */
  readonly priceCents: number;
  readonly quantity: number;
  readonly timeMs: number;
}

export type TradeText = (trade: TradeFigures) => string;

/**
 * How a trade is written so that a pipeline with these options reads it: CSV in the predecessor's columns, or where
 * the pipeline says that they are; JSON with its names. Throws a TidemarkError, FEED_LAYOUT.
 */
export function tradeText(options: CodecOptions): TradeText {
  return options.format === 'json' ? jsonText(options) : csvText(options);
}

function jsonText({ fields, timeUnit, priceDecimals }: CodecOptions): TradeText {
  const [symbolName, priceName, quantityName, timeName] = (
    ['symbol', 'price', 'quantity', 'time'] as const
  ).map((field) => JSON.stringify(String(fields[field] ?? USUAL_NAMES[field][0])));
  return ({ symbol, side, priceCents, quantity, timeMs }) => {
    const time = timeText(timeMs, timeUnit);
    return (
      `{${symbolName}:${JSON.stringify(symbol)},"tradeType":"${side.trim()}",` +
      `${priceName}:${priceText(priceCents, priceDecimals)},${quantityName}:${quantity},` +
      `${timeName}:${timeUnit === 'iso' ? `"${time}"` : time}}`
    );
  };
}

function csvText({ fields, delimiter, timeUnit, priceDecimals }: CodecOptions): TradeText {
  const columns = csvColumns(fields);
  const [symbolAt, priceAt, timeAt] = (['symbol', 'price', 'time'] as const).map((field) => {
    const column = columns[field];
    if (column === undefined) throw noColumn(field, String(fields[field]));
    return column;
  });
  const quantityAt = columns.quantity;
  const isUsual = [symbolAt, priceAt, quantityAt, timeAt].join() === '0,2,3,4';
  const width = Math.max(symbolAt, priceAt, quantityAt ?? 0, timeAt) + 1;
  return ({ symbol, side, priceCents, quantity, timeMs }) => {
    const row = Array<string>(width).fill('');
    row[symbolAt] = symbol;
    row[priceAt] = priceText(priceCents, priceDecimals);
    if (quantityAt !== undefined) row[quantityAt] = String(quantity);
    row[timeAt] = timeText(timeMs, timeUnit);
    if (!isUsual) return row.join(delimiter);
    row[1] = side;
    return [...row, readableTime(timeMs)].join(delimiter);
  };
}

function priceText(cents: number, decimals: number): string {
  return (cents / 100).toFixed(Math.min(2, decimals));
}

function timeText(timeMs: number, unit: CodecOptions['timeUnit']): string {
  if (unit === 'iso') return new Date(timeMs).toISOString();
  return `${timeMs}${ZEROS[unit]}`;
}

const ZEROS = { ms: '', us: '000', ns: '000000' };

/** As Java's `Timestamp` writes it, in UTC: `2018-08-21 20:55:38.3`. */
function readableTime(timeMs: number): string {
  const text = new Date(timeMs).toISOString().slice(0, -1).replace('T', ' ');
  return text.replace(/0{1,2}$/, '');
}

/** A record in Kafka has no header line, so that a name says nothing of a column. */
function noColumn(field: Field, name: string): TidemarkError {
  return new TidemarkError(
    'FEED_LAYOUT',
    `the pipeline looks for the ${field} in a CSV column called ${name}, and records in Kafka have no header`,
    `Set spec.input.fields.${field} to the column's number, from 1, or use format: json.`,
    { exitCode: EXIT.usage },
  );
}
