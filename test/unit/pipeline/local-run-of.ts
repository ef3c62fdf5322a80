import { LocalRun, type LocalRunParts } from '../../../src/pipeline/local-run.ts';
import type { DeadLetter } from '../../../src/pipeline/reject-output.ts';
import type { StreamCut } from '../../../src/pipeline/source.ts';
import { tradeCodec } from '../../../src/trade/codec.ts';
import { SymbolTable } from '../../../src/trade/symbol-table.ts';
import { WindowOperator, type WindowOptions } from '../../../src/window/window-operator.ts';
import { CODEC } from '../../support/decode.ts';

export type Chunk = string | StreamCut;

export interface Collected {
  /** `start symbol average`, in the order in which they came. */
  readonly results: string[];
  /** The most results that were handed over at once. */
  mostAtOnce: number;
  readonly deadLetters: DeadLetter[];
}

interface RunOptions extends Partial<WindowOptions> {
  readonly next: () => Promise<IteratorResult<Uint8Array | StreamCut>>;
  readonly idleAfterMs?: number;
  readonly nowMs?: () => number;
  readonly header?: 'auto' | 'present' | 'absent';
  readonly collected?: Collected;
}

/** A run over windows of one second, unless told otherwise; chunks are what `next` gives. */
export function localRun(options: RunOptions): LocalRun {
  const { next, idleAfterMs, nowMs = () => performance.now(), header = 'auto' } = options;
  const { windows = [{ kind: 'time', sizeMs: 1000, slideMs: 1000 }], delayMs = 0, emit = 'final' } = options;
  const out = options.collected ?? collected();
  const symbols = new SymbolTable();
  const scale = { ticksPerPrice: 100, unitsPerShare: 1, withQuantity: false };
  const parts: LocalRunParts = {
    source: {
      name: 'trades',
      bounded: true,
      totalBytes: undefined,
      progressBytes: 0,
      chunks: () => ({ [Symbol.asyncIterator]: () => ({ next }) }),
    },
    codec: tradeCodec({ ...CODEC, header, withQuantity: false }, symbols),
    operator: new WindowOperator({ windows, delayMs, emit, scale }),
    symbols,
    sink: {
      write: (results) => {
        out.mostAtOnce = Math.max(out.mostAtOnce, results.length);
        for (let row = 0; row < results.length; row++) {
          out.results.push(
            `${results.startMs[row]} ${symbols.name(results.symbolId[row])} ${results.average[row]}`,
          );
        }
      },
      finish: () => Promise.resolve(),
      abandon: () => Promise.resolve(),
    },
    onDeadLetter: (letter) => {
      out.deadLetters.push({ ...letter, bytes: letter.bytes.slice() });
    },
    onLateTrade: () => undefined,
    idleAfterMs,
    nowMs,
  };
  return new LocalRun(parts);
}

export function collected(): Collected {
  return { results: [], mostAtOnce: 0, deadLetters: [] };
}

/** The chunks one after the other, then the end; each when it is asked for. */
export function chunksOf(chunks: readonly Chunk[]): RunOptions['next'] {
  const left = [...chunks];
  return () => {
    const chunk = left.shift();
    if (chunk === undefined) return Promise.resolve({ done: true, value: undefined });
    return Promise.resolve({ done: false, value: typeof chunk === 'string' ? Buffer.from(chunk) : chunk });
  };
}
