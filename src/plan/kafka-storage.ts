import { figure, line, type Section } from './line.ts';
import { RECORD_OVERHEAD_BYTES } from './measured.ts';
import { resultRates, sumOf } from './result-rate.ts';
import type { Targets } from './targets.ts';

export interface StoragePlan extends Section {
  /** Of all replicas together. */
  readonly gigabytes: number;
  /** On average, uncompressed. */
  readonly tradeBytesPerSecond: number;
  readonly resultBytesPerSecond: number;
}

/** What the input and the output take on the brokers' disks. */
export function planStorage(targets: Targets): StoragePlan {
  const { averageTradesPerSecond, recordBytes, resultBytes, retentionMs, replication } = targets;
  const results = sumOf(resultRates(targets, averageTradesPerSecond));
  const tradeBytesPerSecond = averageTradesPerSecond * (recordBytes + RECORD_OVERHEAD_BYTES);
  const resultBytesPerSecond = results * (resultBytes + RECORD_OVERHEAD_BYTES);
  const written = tradeBytesPerSecond + resultBytesPerSecond;
  const gigabytes = (written * (retentionMs / 1_000) * replication) / 1e9;
  const [trades, both] = [tradeBytesPerSecond, written].map((bytes) => figure(bytes / 1e6));
  return {
    title: 'Kafka, on disk',
    gigabytes,
    tradeBytesPerSecond,
    resultBytesPerSecond,
    lines: [
      line(
        'trades written',
        tradeBytesPerSecond / 1e6,
        'MB/s',
        `${figure(averageTradesPerSecond)} trades/s × (${recordBytes} + ${RECORD_OVERHEAD_BYTES} bytes)`,
      ),
      line(
        'results written',
        resultBytesPerSecond / 1e6,
        'MB/s',
        `${figure(results)} results/s × (${resultBytes} + ${RECORD_OVERHEAD_BYTES} bytes)`,
      ),
      line(
        'on disk',
        gigabytes,
        'GB',
        `(${trades} + ${figure(resultBytesPerSecond / 1e6)} = ${both} MB/s) × ` +
          `${figure(retentionMs / 1_000)} s of retention × ${replication} replicas`,
      ),
    ],
    notes: ['without compression by the producer; late trades and dead letters are not in it'],
  };
}
