import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ByteSource, StreamCut } from '../../../src/pipeline/source.ts';

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

/** What a source gave until it ended or failed: text, and `|` with the reason at a cut. */
export interface Reading {
  text: string;
  error: unknown;
  readonly ended: Promise<void>;
  stop(): Promise<void>;
  /** Waits until the text so far fulfils `condition`; fails after 50 s. */
  until(condition: (text: string) => boolean): Promise<void>;
}

export function read(source: ByteSource): Reading {
  const controller = new AbortController();
  const waiting = new Set<() => void>();
  const chunks: Buffer[] = [];
  const reading: Reading = {
    text: '',
    error: undefined,
    ended: Promise.resolve(),
    stop: () => {
      controller.abort();
      return reading.ended;
    },
    until: (condition) =>
      new Promise((resolve, reject) => {
        const bound = setTimeout(() => {
          reject(new Error(`still waiting with ${JSON.stringify(reading.text.slice(-200))}`));
        }, 50_000);
        const look = (): void => {
          if (!condition(reading.text)) return;
          clearTimeout(bound);
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
  const run = async (): Promise<void> => {
    for await (const chunk of source.chunks(controller.signal)) {
      chunks.push(copied(chunk));
      reading.text = Buffer.concat(chunks).toString();
      for (const look of waiting) look();
    }
  };
  return Object.assign(reading, {
    ended: run().catch((error: unknown) => {
      reading.error = error;
    }),
  });
}

/** Reads to the end. */
export async function readAll(source: ByteSource): Promise<Reading> {
  const reading = read(source);
  await reading.ended;
  return reading;
}

function copied(chunk: Uint8Array | StreamCut): Buffer {
  return chunk instanceof Uint8Array ? Buffer.from(chunk) : Buffer.from(`|${chunk.cut}|`);
}
