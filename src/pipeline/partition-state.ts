import { tradeCodec, type CodecOptions, type TradeCodec } from '../trade/codec.ts';
import { SymbolTable } from '../trade/symbol-table.ts';
import { ResultColumns } from '../window/results.ts';
import { SourceWatermarks, type SourceWatermark } from '../window/source-watermarks.ts';
import { LateTrades } from '../window/trade-columns.ts';
import { WindowOperator, type WindowOptions } from '../window/window-operator.ts';
import type { WindowSnapshot } from '../window/window-snapshot.ts';
import { formatShape } from './checkpoint-shape.ts';
import type { Checkpoint, CheckpointChange } from './checkpoint.ts';
import { Floor } from './floor.ts';
import type { OffsetMetadata } from './offset-metadata.ts';
import type { DecodedRecords } from './partition-ports.ts';
import type { SourceProgress } from './source-progress.ts';

/** How a pipeline's windows and records are; the same in every process that runs it. */
export interface StateOptions {
  readonly windows: WindowOptions;
  readonly codec: CodecOptions;
  /** Where the trades were re-keyed: how many partitions they come from. Undefined: they come from the input itself. */
  readonly sources?: number;
}

/** Everything that one partition's trades have left in memory, and how it goes to and comes from a checkpoint. */
export class PartitionState {
  readonly symbols = new SymbolTable();
  readonly codec: TradeCodec;
  readonly results = new ResultColumns();
  readonly late = new LateTrades();
  readonly #options: StateOptions;
  readonly #operator: WindowOperator;
  readonly #floor = new Floor();
  readonly #sources: SourceWatermarks | undefined;
  /** Count windows have no time at which they close, so without a checkpoint they need everything. */
  readonly #lowestFloor: number | undefined;
  #symbolCount = 0;

  /** `offset` is where the checkpoint, or the replay without one, begins. */
  constructor(options: StateOptions, metadata: OffsetMetadata, offset: number, checkpoint?: Checkpoint) {
    this.#options = options;
    this.codec = tradeCodec(options.codec, this.symbols);
    const snapshot = checkpoint === undefined ? NOTHING : this.#snapshotOf(checkpoint);
    this.#operator = WindowOperator.restored(options.windows, {
      ...snapshot,
      watermarkMs: metadata.watermarkMs,
    });
    this.#symbolCount = this.symbols.size;
    this.#sources =
      options.sources === undefined ? undefined : new SourceWatermarks(options.sources, metadata.sources);
    const hasCountWindows = options.windows.windows.some(({ kind }) => kind === 'count');
    this.#lowestFloor = hasCountWindows ? Math.min(metadata.floor, offset) : undefined;
    const newest = checkpoint?.panes.at(-1);
    if (newest !== undefined) this.#floor.add(Math.min(metadata.floor, offset), newest.startMs);
  }

  get watermarkMs(): number {
    return this.#operator.watermarkMs;
  }

  /** Of trades that were re-keyed: how far each of their sources is. */
  get sources(): readonly SourceWatermark[] | undefined {
    return this.#sources?.all;
  }

  get cells(): number {
    return this.#operator.cells;
  }

  /** The floor at `position`, the offset that is to be committed. */
  floorAt(position: number): number {
    return this.#lowestFloor ?? this.#floor.at(position, (timeMs) => this.#operator.isClosed(timeMs));
  }

  /** Takes trades; what closes is in `results`, what comes too late in `late`. */
  fold({ trades, offsets }: Pick<DecodedRecords, 'trades' | 'offsets'>): void {
    if (trades.length === 0) return;
    let highestMs = -Infinity;
    for (let row = 0; row < trades.length; row++) highestMs = Math.max(highestMs, trades.timeMs[row]);
    this.#floor.add(offsets[0], highestMs);
    this.#symbolCount = Math.max(this.#symbolCount, trades.symbolCount);
    this.#operator.fold(
      { ...columns(trades), symbolCount: this.#symbolCount },
      0,
      trades.length,
      this.results,
      this.late,
    );
  }

  /** What the sources of re-keyed trades have told behind the trades that were folded; what closes is in `results`. */
  advance(progress: readonly SourceProgress[]): void {
    if (this.#sources === undefined) return;
    for (const each of progress) {
      this.#sources.told(each.source, { watermarkMs: each.watermarkMs, isIdle: each.isIdle });
      this.#operator.advance(this.#sources.atMs, this.results);
    }
  }

  idle(silentMs: number): void {
    this.#operator.idle(silentMs, this.results);
  }

  /** What has changed since the last call, or with `whole` everything. */
  takeCheckpoint(offset: number, whole: boolean): CheckpointChange {
    const changes = this.#operator.takeChanges();
    const { panes, countWindows, watermarkMs } = whole ? this.#operator.snapshot() : changes;
    const names = (ids: Int32Array): string[] => Array.from(ids, (id) => this.symbols.name(id));
    return {
      offset: BigInt(offset),
      watermarkMs,
      shape: shapeOf(this.#options),
      whole,
      dropBeforeMs: Number.isFinite(this.#operator.firstPaneMs) ? this.#operator.firstPaneMs : watermarkMs,
      panes: panes.map(({ startMs, symbolIds, figures }) => ({
        startMs,
        symbols: names(symbolIds),
        figures,
      })),
      tails: countWindows.flatMap((states, window) =>
        states.map(({ symbolId, ...state }) => ({ ...state, window, symbol: this.symbols.name(symbolId) })),
      ),
    };
  }

  #snapshotOf({ watermarkMs, panes, tails }: Checkpoint): WindowSnapshot {
    const count = this.#options.windows.windows.filter(({ kind }) => kind === 'count').length;
    return {
      watermarkMs,
      panes: panes.map(({ startMs, symbols, figures }) => ({
        startMs,
        symbolIds: Int32Array.from(symbols, (symbol) => this.#idOf(symbol)),
        figures,
      })),
      countWindows: Array.from({ length: count }, (_, index) =>
        tails.flatMap(({ window, symbol, ...state }) =>
          window === index ? [{ ...state, symbolId: this.#idOf(symbol) }] : [],
        ),
      ),
    };
  }

  #idOf(symbol: string): number {
    const bytes = ENCODER.encode(symbol);
    return this.symbols.intern(bytes, 0, bytes.length);
  }
}

/** A checkpoint made for other windows or other units is of no use: it differs in this. */
export function shapeOf({ windows, codec, sources }: StateOptions): string {
  const { priceDecimals, quantityDecimals, withQuantity } = codec;
  return formatShape({
    windows: windows.windows,
    priceDecimals,
    quantityDecimals: withQuantity ? quantityDecimals : undefined,
    isRekeyed: sources !== undefined,
  });
}

const ENCODER = new TextEncoder();
const NOTHING: WindowSnapshot = { watermarkMs: Number.NEGATIVE_INFINITY, panes: [], countWindows: [] };

function columns({ length, symbolId, priceTicks, quantityUnits, timeMs }: DecodedRecords['trades']) {
  return { length, symbolId, priceTicks, quantityUnits, timeMs };
}
