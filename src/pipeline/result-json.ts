import type { Measure, ResultColumns } from '../window/results.ts';
import type { ResultValue } from './outgoing-batch.ts';

/**
 * One result as JSON, in the predecessor's spelling and order: `{"start":…,"end":…,"stockName":"AMC","price":…,
 * "minPrice":…,"maxPrice":…,"count":…}`, then `volume` and `vwap` where they are measured, and `final` where early
 * results are emitted too. NaN (the VWAP of no volume) is null.
 */
export function resultJson(measures: readonly Measure[], withFinal: boolean): ResultValue {
  const fields = FIELDS.filter(([measure]) => measures.includes(measure));
  return (results, row, symbols) => {
    const name = JSON.stringify(symbols.name(results.symbolId[row]));
    let text = `{"start":${results.startMs[row]},"end":${results.endMs[row]},"stockName":${name}`;
    for (const [, field, column] of fields) text += `,"${field}":${numberText(column(results)[row])}`;
    if (withFinal) text += `,"final":${results.final[row] === 1}`;
    return `${text}}`;
  };
}

const FIELDS: readonly [Measure, string, (results: ResultColumns) => Float64Array][] = [
  ['average', 'price', ({ average }) => average],
  ['min', 'minPrice', ({ min }) => min],
  ['max', 'maxPrice', ({ max }) => max],
  ['count', 'count', ({ count }) => count],
  ['volume', 'volume', ({ volume }) => volume],
  ['vwap', 'vwap', ({ vwap }) => vwap],
];

function numberText(value: number): string {
  return Number.isNaN(value) ? 'null' : String(value);
}
