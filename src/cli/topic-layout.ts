import type { Pipeline } from '../resource/pipeline.ts';
import type { CodecOptions } from '../trade/codec.ts';
import { codecOptions } from './run-input.ts';

/** How trades are written in the input topic: as the pipeline reads them, else in the predecessor's columns. */
export function layoutOf(pipeline: Pipeline | undefined, format?: CodecOptions['format']): CodecOptions {
  const layout = pipeline === undefined ? USUAL : codecOptions(pipeline);
  return format === undefined ? layout : { ...layout, format };
}

const USUAL: CodecOptions = {
  format: 'csv',
  fields: {},
  delimiter: ',',
  header: 'auto',
  timeUnit: 'ms',
  priceDecimals: 6,
  quantityDecimals: 6,
  withQuantity: false,
};
