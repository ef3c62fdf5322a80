import { tradeCodec, type CodecOptions, type TradeCodec } from '../../src/trade/codec.ts';
import { SymbolTable } from '../../src/trade/symbol-table.ts';
import { TradeBatch } from '../../src/trade/trade-batch.ts';

/** One decoded trade, as a test compares it. */
export interface DecodedTrade {
  readonly symbol: string;
  readonly priceTicks: number;
  readonly quantityUnits: number;
  readonly timeMs: number;
}

export interface Decoded {
  readonly trades: DecodedTrade[];
  /** `code column`, for each record that is no trade. */
  readonly rejected: string[];
  readonly reasons: string[];
  /** By rejection: which element of an array it is. */
  readonly indexes: (number | undefined)[];
  readonly schemasNeeded: number[];
}

export const CODEC: CodecOptions = {
  format: 'csv',
  fields: {},
  delimiter: ',',
  header: 'absent',
  timeUnit: 'ms',
  priceDecimals: 2,
  quantityDecimals: 0,
  withQuantity: true,
};

/** Decodes one record. */
export function decodeOne(record: string | Uint8Array, options: Partial<CodecOptions> = {}): Decoded {
  return decodeAll([record], options);
}

/** Decodes records one after the other with one codec, the first as a header if it is one. */
export function decodeAll(
  records: readonly (string | Uint8Array)[],
  options: Partial<CodecOptions> = {},
): Decoded {
  const symbols = new SymbolTable();
  const codec = tradeCodec({ ...CODEC, ...options }, symbols);
  const decoded: Decoded = { trades: [], rejected: [], reasons: [], indexes: [], schemasNeeded: [] };
  for (const [i, record] of records.entries()) decodeInto(decoded, codec, symbols, record, i === 0);
  return decoded;
}

function decodeInto(
  decoded: Decoded,
  codec: TradeCodec,
  symbols: SymbolTable,
  record: string | Uint8Array,
  first: boolean,
): void {
  // Surrounded by other bytes, so that a decoder that looks beyond its record is found out.
  const bytes = Buffer.concat([Buffer.from('9,9'), Buffer.from(record), Buffer.from('9"9')]);
  const end = bytes.length - 3;
  if (first && codec.takeHeader(bytes, 3, end)) return;
  const batch = new TradeBatch();
  codec.decodeMessage(bytes, 3, end, batch);
  for (let row = 0; row < batch.length; row++) {
    decoded.trades.push({
      symbol: symbols.name(batch.symbolId[row]),
      priceTicks: batch.priceTicks[row],
      quantityUnits: batch.quantityUnits[row],
      timeMs: batch.timeMs[row],
    });
  }
  decoded.rejected.push(...batch.rejections.map(({ code, column }) => `${code} ${column}`));
  decoded.indexes.push(...batch.rejections.map(({ index }) => index));
  if (batch.schemaNeeded >= 0) decoded.schemasNeeded.push(batch.schemaNeeded);
  decoded.reasons.push(...batch.rejections.map(({ reason }) => reason));
}
