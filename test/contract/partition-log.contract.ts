import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type {
  DecodedRecords,
  FetchedPiece,
  LogReader,
  Outgoing,
  PartitionLog,
  PartitionPosition,
  PartitionWriter,
  RecordHeader,
} from '../../src/pipeline/partition-ports.ts';
import { tradeCodec } from '../../src/trade/codec.ts';
import { SymbolTable } from '../../src/trade/symbol-table.ts';
import { CODEC } from '../support/decode.ts';
import type { InputRecord } from '../support/memory-log.ts';

/** A record as a consumer sees it that reads what is committed. */
export interface WrittenRecord {
  readonly key: string | null;
  readonly value: string | null;
  /** `name=value` of each; undefined where there are none. */
  readonly headers: string | undefined;
}

/** A pipeline of one input partition that nobody has read, and empty outputs. */
export interface LogUnderTest {
  /** A member of the group joins, and is assigned partition 0; its reader is made for its log. One at a time. */
  join(readerOf: (log: PartitionLog) => LogReader): Promise<PartitionLog>;
  leave(): Promise<void>;
  append(records: readonly InputRecord[]): Promise<void>;
  written(kind: keyof Outgoing): Promise<WrittenRecord[]>;
  /** Delivery goes on until the condition holds. */
  until(what: string, condition: () => boolean): Promise<void>;
}

/** What every PartitionLog must do. */
export function partitionLogContract(name: string, create: () => Promise<LogUnderTest>): void {
  describe(`A partition log: ${name}`, () => {
    let under: LogUnderTest;
    const writers: PartitionWriter[] = [];
    const newWriter = (log: PartitionLog): PartitionWriter => {
      const writer = log.newWriter(0);
      writers.push(writer);
      return writer;
    };
    /** As a take-over reads it: what was committed before a fence shows after it. */
    const fencedPosition = async (log: PartitionLog): Promise<PartitionPosition> => {
      await newWriter(log).fence();
      return log.position(0);
    };
    beforeEach(async () => {
      under = await create();
    });
    afterEach(async () => {
      await Promise.all(writers.splice(0).map((writer) => writer.discard()));
      await under.leave();
    });

    test('has no offset before the first commit', async () => {
      const log = await under.join(() => new KeptPieces());
      await expect(log.position(0)).resolves.toEqual({ offset: undefined, metadata: '', logStart: 0 });
    });

    test('a commit writes each kind of records and moves the offset, and the next member finds both', async () => {
      const log = await under.join(() => new KeptPieces());
      const writer = newWriter(log);
      await writer.fence();
      await writer.commit(
        {
          results: [
            { key: 'A', value: 'r1' },
            { key: 'A', value: 'r2' },
          ],
          late: [{ key: 'A', value: 'l1' }],
          deadLetters: [
            { key: null, value: 'd1' },
            { key: Buffer.from('B'), value: 'd2' },
          ],
        },
        7,
        '{"of":"seven"}',
      );
      const committed = { offset: 7, metadata: '{"of":"seven"}', logStart: 0 };
      expect(await fencedPosition(log)).toEqual(committed);
      await under.leave();

      const next = await under.join(() => new KeptPieces());
      const successor = newWriter(next);
      await successor.fence();
      expect(await next.position(0)).toEqual(committed);
      await successor.commit(NOTHING, 9, '');
      expect(await fencedPosition(next)).toEqual({ offset: 9, metadata: '', logStart: 0 });
      expect(await under.written('results')).toEqual([
        { key: 'A', value: 'r1' },
        { key: 'A', value: 'r2' },
      ]);
      expect(await under.written('late')).toEqual([{ key: 'A', value: 'l1' }]);
      expect(await under.written('deadLetters')).toEqual([
        { key: null, value: 'd1' },
        { key: 'B', value: 'd2' },
      ]);
    });

    test('who fences last may commit; the one before is told that it is fenced, and leaves nothing', async () => {
      const log = await under.join(() => new KeptPieces());
      const [first, second] = [newWriter(log), newWriter(log)];
      await first.fence();
      await first.commit(one('before'), 1, 'first');
      await second.fence();
      await expect(first.commit(one('zombie'), 5, 'zombie')).rejects.toMatchObject({ kind: 'fenced' });
      await expect(log.position(0)).resolves.toMatchObject({ offset: 1, metadata: 'first' });
      await second.commit(one('after'), 2, 'second');
      expect(await fencedPosition(log)).toMatchObject({ offset: 2, metadata: 'second' });
      expect((await under.written('results')).map(({ value }) => value)).toEqual(['before', 'after']);
    });

    test('records and offset of a commit that is fenced meanwhile are both there, or neither', async () => {
      const log = await under.join(() => new KeptPieces());
      let writer = newWriter(log);
      await writer.fence();
      await writer.commit(NOTHING, 0, '');
      const moved: string[] = [];
      for (let round = 1; round <= 6; round++) {
        const next = newWriter(log);
        const committing = writer.commit(one(`round ${round}`), round, '').catch(() => undefined);
        // From at once up to when the commit is likely to be over.
        await new Promise((resolve) => setTimeout(resolve, 4 * (round - 1)));
        await next.fence();
        await committing;
        if ((await log.position(0)).offset === round) moved.push(`round ${round}`);
        writer = next;
      }
      expect((await under.written('results')).map(({ value }) => value)).toEqual(moved);
    });

    test('a writer that is discarded, or was never fenced, writes nothing', async () => {
      const log = await under.join(() => new KeptPieces());
      const [early, gone] = [newWriter(log), newWriter(log)];
      await expect(early.commit(NOTHING, 1, '')).rejects.toThrow();
      await gone.fence();
      await gone.discard();
      await expect(gone.commit(NOTHING, 1, '')).rejects.toThrow();
      await expect(log.position(0)).resolves.toMatchObject({ offset: undefined });
    });

    test('delivers nothing between the assignment and a resume, then all from where it was sought', async () => {
      await under.append(trades(0, 4));
      await under.append(trades(4, 10));
      const reader = new KeptPieces();
      const log = await under.join((own) => {
        reader.onAssign = () => {
          own.pause(0); // as a task does
        };
        return reader;
      });
      await under.until('the partition is assigned', () => reader.assigned.includes(0));
      expect(reader.pieces).toEqual([]);
      log.seek(0, 3);
      log.resume(0);
      await under.until('everything is delivered', () => reader.nextOffset === 10);
      const ends = reader.pieces.map(({ nextOffset }) => nextOffset);
      expect(reader.pieces.map(({ fromOffset }) => fromOffset)).toEqual([3, ...ends.slice(0, -1)]);
      expect(reader.pieces.map(({ endOffset }) => endOffset)).toEqual(reader.pieces.map(() => 10));
      expect(reader.rows.map(([offset]) => offset)).toEqual([3, 4, 5, 6, 7, 8, 9]);
    });

    test.each([
      [0, 10],
      [2, 7],
      [5, 6],
      [5, 5],
      [9, 99],
    ])(
      'a piece has the records from offset %i on and before %i, each with its offset',
      async (offset, before) => {
        for (const [from, to] of [
          [0, 1],
          [1, 6],
          [6, 10],
        ]) {
          await under.append(trades(from, to));
        }
        const reader = new KeptPieces(offset, before);
        await under.join(() => reader);
        await under.until('everything is delivered', () => reader.nextOffset === 10);
        const wanted = Array.from({ length: 10 }, (_, i) => i).filter((i) => i >= offset && i < before);
        expect(reader.rows).toEqual(wanted.map((i) => [i, 1_000 + i]));
      },
    );

    test('a record that is no trade comes with its offset, key and headers; one without a value is passed over', async () => {
      const rejected: InputRecord[] = [
        { key: 'A', value: 'A,,x,1,1', headers: [{ key: 'traceparent', value: Buffer.from('00-1-2-01') }] },
        { key: 'B', value: null },
        { key: null, value: 'C,,1' },
      ];
      await under.append([...trades(0, 2), ...rejected, ...trades(5, 6)]);
      const reader = new KeptPieces();
      await under.join(() => reader);
      await under.until('everything is delivered', () => reader.nextOffset === 6);
      expect(reader.rejections).toEqual([
        [2, 'A', 'not-a-number'],
        [4, null, 'missing-field'],
      ]);
      expect(reader.rows.map(([offset]) => offset)).toEqual([0, 1, 5]);
      expect(reader.rejectedHeaders).toEqual(['traceparent=00-1-2-01', '']);
      expect([reader.records, reader.tombstones]).toEqual([6, 1]);
    });

    test('a record of several trades gives each of them its offset and its headers', async () => {
      const headers = [
        { key: 'traceparent', value: Buffer.from('00-1-2-01') },
        { key: 'empty', value: Buffer.alloc(0) },
      ];
      await under.append([
        ...trades(0, 1),
        { key: 'A', value: 'A,,1,1,5\nB,,1,1,6\r\n\nC,,1,1,7\n', headers },
        ...trades(2, 3),
      ]);
      const reader = new KeptPieces();
      await under.join(() => reader);
      await under.until('everything is delivered', () => reader.nextOffset === 3);
      expect(reader.rows).toEqual([
        [0, 1_000],
        [1, 5],
        [1, 6],
        [1, 7],
        [2, 1_002],
      ]);
      const theirs = 'traceparent=00-1-2-01 empty=';
      expect(reader.headers).toEqual(['', theirs, theirs, theirs, '']);
      expect(reader.records).toBe(3);
    });

    test('headers are written with their record', async () => {
      const log = await under.join(() => new KeptPieces());
      const writer = newWriter(log);
      await writer.fence();
      const headers = [
        { key: 'traceparent', value: Buffer.from('00-1-2-01') },
        { key: 'größe', value: null },
      ];
      await writer.commit({ ...NOTHING, late: [{ key: 'A', value: 'l1', headers }] }, 1, '');
      const written = await under.written('late');
      expect(written.map(({ headers: ofRecord }) => ofRecord)).toEqual(['traceparent=00-1-2-01 größe=null']);
    });

    test('tells when a fetch has found the end', async () => {
      await under.append(trades(0, 3));
      const reader = new KeptPieces();
      await under.join(() => reader);
      await under.until('the end is told', () => reader.ends.some(({ nextOffset }) => nextOffset === 3));
      expect(reader.ends.at(-1)).toMatchObject({ nextOffset: 3, endOffset: 3 });
    });
  });
}

const NOTHING: Outgoing = { results: [], late: [], deadLetters: [] };

function one(value: string): Outgoing {
  return { ...NOTHING, results: [{ key: 'A', value }] };
}

/** Trade i is of the time 1000 + i. */
function trades(from: number, to: number): InputRecord[] {
  return Array.from({ length: to - from }, (_, i) => ({ key: 'A', value: `A,,1,1,${1_000 + from + i},` }));
}

function asText(headers: readonly RecordHeader[]): string {
  return headers
    .map(({ key, value }) => `${key}=${value === null ? 'null' : Buffer.from(value).toString()}`)
    .join(' ');
}

/** Decodes what comes, and keeps it. */
class KeptPieces implements LogReader {
  readonly pieces: FetchedPiece[] = [];
  /** Offset and time of each trade. */
  readonly rows: (readonly [offset: number, timeMs: number])[] = [];
  readonly rejections: (readonly [offset: number, key: string | null, code: string])[] = [];
  readonly rejectedHeaders: string[] = [];
  /** By row, as `rows`. */
  readonly headers: string[] = [];
  records = 0;
  tombstones = 0;
  readonly ends: { readonly nextOffset: number; readonly endOffset: number }[] = [];
  assigned: readonly number[] = [];
  nextOffset = 0;
  /** Called within the assignment. */
  onAssign: () => void = () => undefined;
  readonly #codec = tradeCodec(CODEC, new SymbolTable());
  readonly #offset: number;
  readonly #before: number;

  constructor(offset = 0, before = Infinity) {
    this.#offset = offset;
    this.#before = before;
  }

  assign(partitions: readonly number[]): void {
    this.assigned = partitions;
    this.onAssign();
  }

  take(_partition: number, piece: FetchedPiece): Promise<void> {
    this.pieces.push(piece);
    for (const decoded of piece.records(this.#codec, this.#offset, this.#before)) this.#keep(decoded);
    this.nextOffset = piece.nextOffset;
    return Promise.resolve();
  }

  lost = 0;

  lostPosition(): void {
    this.lost++;
  }

  reachedEnd(_partition: number, nextOffset: number, endOffset: number): void {
    this.ends.push({ nextOffset, endOffset });
  }

  #keep(decoded: DecodedRecords): void {
    const { trades: batch, offsets, rejectedOffsets, rejectedKeys } = decoded;
    this.records += decoded.records;
    this.tombstones += decoded.tombstones;
    this.rejectedHeaders.push(...decoded.rejectedHeaders.map(asText));
    for (let row = 0; row < batch.length; row++) {
      this.rows.push([offsets[row], batch.timeMs[row]]);
      this.headers.push(asText(decoded.headersOf(row)));
    }
    for (const [i, { code }] of batch.rejections.entries()) {
      const key = rejectedKeys[i];
      this.rejections.push([rejectedOffsets[i], key === null ? null : Buffer.from(key).toString(), code]);
    }
  }
}
