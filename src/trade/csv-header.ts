import type { CodecOptions } from './codec.ts';
import { FIELDS, fit, NO_FIT, USUAL_COLUMNS, type FieldNames } from './field-names.ts';
import { printable, type Field } from './rejection.ts';

/** The header does not name a column that is needed. */
export class HeaderError extends Error {
  readonly fields: readonly Field[];
  readonly names: readonly string[];

  constructor(fields: readonly Field[], names: readonly string[]) {
    super(`the header names no column for ${fields.join(', ')}; its columns are ${listed(names)}`);
    this.name = 'HeaderError';
    this.fields = fields;
    this.names = names;
  }
}

/** What is no header after all may be long, or no text. */
function listed(names: readonly string[]): string {
  const text = printable(names.join(', '));
  return text.length <= MAX_LISTED ? text : `${text.slice(0, MAX_LISTED)}... (${names.length} columns)`;
}

const MAX_LISTED = 400;

export type CsvColumns = Readonly<Partial<Record<Field, number>>>;

/** Columns, from 0, as they are known before any header: configured numbers, else the predecessor's places. */
export function csvColumns(fields: FieldNames): CsvColumns {
  return Object.fromEntries(
    FIELDS.flatMap((field) => {
      const configured = fields[field];
      if (typeof configured === 'number') return [[field, configured - 1]];
      return configured === undefined || isUsual(configured, field) ? [[field, USUAL_COLUMNS[field]]] : [];
    }),
  );
}

/**
 * Whether the first record is a header: certainly when a column is configured by a name of its own, else when the
 * record names the price and the symbol, or when a column that should hold the price begins with no digit and the
 * record names at least one part of a trade.
 */
export function isHeader(record: readonly string[], { fields }: CodecOptions, columns: CsvColumns): boolean {
  if (FIELDS.some((field) => typeof fields[field] === 'string' && !isUsual(fields[field], field)))
    return true;
  const named = FIELDS.filter((field) => record.some((name) => isUsual(name, field)));
  if (named.includes('price') && named.includes('symbol')) return true;
  const price = columns.price === undefined ? undefined : record[columns.price];
  return named.length > 0 && price !== undefined && !/^\s*[-+.\d]/.test(price);
}

function isUsual(name: string, field: Field): boolean {
  return fit(name, field, {}) !== NO_FIT;
}

/** The columns that a header names; configured numbers stay what they are. Throws a HeaderError. */
export function headerColumns(header: readonly string[], options: CodecOptions): CsvColumns {
  const columns = FIELDS.map((field): [Field, number] => {
    const configured = options.fields[field];
    if (typeof configured === 'number') return [field, configured - 1];
    return [field, bestFit(header, field, options.fields)];
  });
  const missing = columns
    .filter(([field, column]) => column === -1 && (field !== 'quantity' || options.withQuantity))
    .map(([field]) => field);
  if (missing.length > 0) throw new HeaderError(missing, header);
  return Object.fromEntries(columns.filter(([, column]) => column !== -1));
}

function bestFit(header: readonly string[], field: Field, fields: FieldNames): number {
  const fits = header.map((name) => fit(name, field, fields));
  const best = Math.min(...fits);
  return best === NO_FIT ? -1 : fits.indexOf(best);
}
