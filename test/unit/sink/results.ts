import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { SymbolNames } from '../../../src/pipeline/sink.ts';
import { ResultColumns } from '../../../src/window/results.ts';

export interface Row {
  readonly symbol: number;
  readonly windowIndex?: number;
  readonly startMs?: number;
  readonly endMs?: number;
  readonly average?: number;
  readonly min?: number;
  readonly max?: number;
  readonly count?: number;
  readonly volume?: number;
  readonly vwap?: number;
  readonly final?: boolean;
}

export const START_MS = 1_534_848_936_000;

export function results(rows: readonly Row[]): ResultColumns {
  const columns = new ResultColumns();
  for (const row of rows) {
    const at = columns.addRow();
    columns.symbolId[at] = row.symbol;
    columns.windowIndex[at] = row.windowIndex ?? 0;
    columns.startMs[at] = row.startMs ?? START_MS;
    columns.endMs[at] = row.endMs ?? columns.startMs[at] + 3_000;
    columns.average[at] = row.average ?? 1.5;
    columns.min[at] = row.min ?? 1;
    columns.max[at] = row.max ?? 2;
    columns.count[at] = row.count ?? 2;
    columns.volume[at] = row.volume ?? Number.NaN;
    columns.vwap[at] = row.vwap ?? Number.NaN;
    columns.final[at] = row.final === false ? 0 : 1;
  }
  return columns;
}

export function named(...names: readonly string[]): SymbolNames {
  return { name: (id) => names[id] };
}

/** A folder of the test file's own; the caller removes it. */
export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'tidemark-test-'));
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** Keeps what is written to it. */
export class Screen extends Writable {
  text = '';
  readonly isTTY: boolean;
  columns = 80;
  rows = 24;

  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
  }

  /** As `process.stdout` has it: one bit a pixel is no colour. */
  getColorDepth(): number {
    return 1;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    this.emit('written');
    done();
  }
}
