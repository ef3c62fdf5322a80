import { formatDuration } from '../resource/duration.ts';
import type { Pipeline } from '../resource/pipeline.ts';
import type { ConsoleStream } from '../sink/console-sink.ts';
import type { Outlet } from '../sink/outlet.ts';
import { recordJson } from '../sink/record-json.ts';
import { RecordTable } from '../sink/record-table.ts';
import { RecordViewer, type RawRecord } from '../sink/record-view.ts';
import { ResultTable } from '../sink/result-table.ts';
import { tradeCodec } from '../trade/codec.ts';
import { SymbolTable } from '../trade/symbol-table.ts';
import { layoutOf } from './topic-layout.ts';

/** Which of the records that come are wanted. */
export interface Wanted {
  readonly symbol: string | undefined;
  readonly most: number;
}

/** Where the records of a topic are shown. */
export interface TailView {
  /** Returns how many of the records were wanted. */
  show(records: readonly RawRecord[], wanted: Wanted): Promise<number>;
  finish(): Promise<void>;
}

/** A line of JSON for each record. */
export class JsonView implements TailView {
  readonly #viewer: RecordViewer;
  readonly #outlet: Outlet;

  constructor(pipeline: Pipeline | undefined, outlet: Outlet) {
    this.#viewer = viewerOf(pipeline);
    this.#outlet = outlet;
  }

  async show(records: readonly RawRecord[], { symbol, most }: Wanted): Promise<number> {
    const all =
      symbol === undefined ? records : records.filter((each) => this.#viewer.view(each).symbol === symbol);
    const shown = all.slice(0, most);
    await this.#outlet.write(shown.map(recordJson).join(''));
    return shown.length;
  }

  finish(): Promise<void> {
    return Promise.resolve();
  }
}

/** On a terminal: the latest result of each symbol, or of a topic that holds anything else the newest records. */
export class LiveView implements TailView {
  readonly #viewer: RecordViewer;
  readonly #stream: ConsoleStream;
  readonly #status: () => string;
  readonly #windowName: (sizeMs: number) => string;
  readonly #records: RecordTable;
  #results: ResultTable | undefined;

  constructor(pipeline: Pipeline | undefined, stream: ConsoleStream, status: () => string) {
    this.#viewer = viewerOf(pipeline);
    this.#stream = stream;
    this.#status = status;
    this.#windowName = windowNames(pipeline);
    this.#records = new RecordTable(stream, status);
  }

  async show(records: readonly RawRecord[], { symbol, most }: Wanted): Promise<number> {
    const shown = records
      .map((record) => ({ record, ...this.#viewer.view(record) }))
      .filter((each) => symbol === undefined || each.symbol === symbol)
      .slice(0, most);
    const results = shown.flatMap(({ result }) => (result === undefined ? [] : [result]));
    if (results.length === 0) {
      this.#records.add(shown);
      return shown.length;
    }
    if (this.#results === undefined) {
      this.#records.clear();
      const options = { nameOf: this.#windowName, status: this.#status };
      this.#results = new ResultTable(this.#stream, results[0], options);
    }
    await this.#results.add(results);
    return shown.length;
  }

  async finish(): Promise<void> {
    if (this.#results === undefined) this.#records.finish();
    else await this.#results.finish();
  }
}

/** A trade in the input topic is written as the pipeline says, in either format where there is none. */
function viewerOf(pipeline: Pipeline | undefined): RecordViewer {
  const symbols = new SymbolTable();
  const [json, csv] = (['json', 'csv'] as const).map((format) =>
    tradeCodec({ ...layoutOf(pipeline, format), withQuantity: false }, symbols),
  );
  return new RecordViewer({ json, csv, symbols, ticksPerPrice: 10 ** layoutOf(pipeline).priceDecimals });
}

/** A window over time is told by its length. One by count has any, so that there is no end of names to be made. */
function windowNames(pipeline: Pipeline | undefined): (sizeMs: number) => string {
  const sizes = pipeline?.windows.flatMap((window) => (window.kind === 'time' ? [window.sizeMs] : []));
  const known = new Set(sizes);
  return (sizeMs) => {
    if (sizes === undefined && known.size < MOST_WINDOWS) known.add(sizeMs);
    return known.has(sizeMs) ? formatDuration(sizeMs) : 'by count';
  };
}

/** As many as a pipeline may have. */
const MOST_WINDOWS = 16;
