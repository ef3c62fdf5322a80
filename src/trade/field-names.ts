import type { Field } from './rejection.ts';

/** Where the parts of a trade are in a record: a name, or for CSV the number of a column, from 1. */
export type FieldNames = Readonly<Partial<Record<Field, string | number | undefined>>>;

/** What feeds call the parts of a trade, the predecessor's names first. Compared without case, `_`, `-` and spaces. */
export const USUAL_NAMES: Readonly<Record<Field, readonly string[]>> = {
  symbol: ['stockName', 'symbol', 'ticker', 'sym', 'stock', 'instrument', 'security', 'code'],
  price: ['price', 'last', 'lastPrice', 'tradePrice', 'px'],
  quantity: ['quantity', 'qty', 'size', 'volume', 'shares', 'amount'],
  time: ['timestamp', 'timestampMs', 'time', 'eventTime', 'tradeTime', 'ts', 'datetime', 'date'],
};

/** The predecessor's columns: `stockName,tradeType,price,quantity,timestampMs,readable time`; from 0. */
export const USUAL_COLUMNS: Readonly<Record<Field, number>> = { symbol: 0, price: 2, quantity: 3, time: 4 };

export const FIELDS: readonly Field[] = ['symbol', 'price', 'quantity', 'time'];

/**
 * How well a column or key called `name` fits the field: 0 for the configured name or the first usual one, more for
 * the later ones, NO_FIT for any other. A record may have several that fit; the best one counts.
 */
export function fit(name: string, field: Field, fields: FieldNames): number {
  const configured = fields[field];
  if (configured !== undefined) return name === configured ? 0 : NO_FIT;
  const rank = USUAL_NAMES[field].findIndex((usual) => plain(usual) === plain(name));
  return rank === -1 ? NO_FIT : rank;
}

export const NO_FIT = 99;

/** By part of a trade: the place in `names` of the one that fits it best. */
export function fittingPlaces(names: readonly string[], fields: FieldNames): Map<Field, number> {
  return new Map(
    FIELDS.flatMap((field): [Field, number][] => {
      const fits = names.map((name) => fit(name, field, fields));
      const best = Math.min(NO_FIT, ...fits);
      return best === NO_FIT ? [] : [[field, fits.indexOf(best)]];
    }),
  );
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[_\s-]/g, '');
}
