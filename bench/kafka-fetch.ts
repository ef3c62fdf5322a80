// Records per second and CPU time of reading a topic: record batches as bytes, against kafkajs as it is. Both read
// the same topic from its start, each in a process of its own, in turns; the counts are checked.
//
//   node bench/kafka-fetch.ts [records in millions] [rounds] [codec]
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Kafka, logLevel } from 'kafkajs';
import type { Consumer, EachBatchHandler } from 'kafkajs';
import { kafkaClient, rawConsumer } from '../src/kafka/kafka-client.ts';
import { fetchedRecords } from '../src/kafka/raw-fetch.ts';
import { RecordCursor } from '../src/kafka/record-cursor.ts';
import { startKafka } from '../test/support/kafka-broker.ts';
import { KeptLog } from '../test/support/kafka-log.ts';
import { createTopics, writeWithJava } from '../test/support/topics.ts';
import type { JavaCodec } from '../test/support/topics.ts';

const TOPIC = 'stocks';
const PARTITIONS = 4;
type ReaderName = 'raw' | 'kafkajs';

interface Count {
  records: number;
  valueBytes: number;
}

/** A consumer, and what it does with a batch. */
interface Reader {
  readonly consumer: Consumer;
  readonly eachBatch: EachBatchHandler;
}

const READERS: Record<ReaderName, (brokers: string[], count: Count) => Reader> = {
  raw: (brokers, count) => {
    const kafka = kafkaClient({ brokers, clientId: 'bench', logger: new KeptLog() });
    const cursor = new RecordCursor();
    return {
      consumer: rawConsumer(kafka, { groupId: `bench-${Date.now()}` }),
      eachBatch: ({ batch }) => {
        const { batches, fromOffset } = fetchedRecords(batch);
        for (const one of batches) {
          cursor.open(one, fromOffset);
          while (cursor.next()) {
            count.records++;
            count.valueBytes += cursor.valueEnd - cursor.valueStart;
          }
        }
        return Promise.resolve();
      },
    };
  },
  kafkajs: (brokers, count) => {
    const kafka = new Kafka({ brokers, clientId: 'bench', logLevel: logLevel.NOTHING });
    return {
      consumer: kafka.consumer({ groupId: `bench-${Date.now()}`, maxWaitTimeInMs: 100 }),
      eachBatch: ({ batch }) => {
        for (const { value } of batch.messages) {
          count.records++;
          count.valueBytes += value?.length ?? 0;
        }
        return Promise.resolve();
      },
    };
  },
};

interface Reading {
  readonly records: number;
  readonly valueBytes: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly rssMb: number;
}

const [first = '2', second = '3', third = 'none'] = process.argv.slice(2);
if (first in READERS) await readAlone(first as ReaderName, second, Number(third));
else await compare(Number(first) * 1e6, Number(second), third as JavaCodec);

async function compare(records: number, rounds: number, codec: JavaCodec): Promise<void> {
  const cluster = await startKafka();
  try {
    const brokers = cluster.brokers.join(',');
    await createTopics(cluster.brokers, { [TOPIC]: PARTITIONS });
    for (let from = 0; from < records; from += 500_000) {
      await writeWithJava(cluster.brokers, TOPIC, codec, trades(from, Math.min(records, from + 500_000)));
    }
    console.log(`${records / 1e6} M records of about 70 bytes, ${PARTITIONS} partitions, ${codec}`);
    for (let round = 1; round <= rounds; round++) {
      for (const name of Object.keys(READERS)) {
        const read = await readInOwnProcess(name, brokers, records);
        const perSecond = (read.records / read.wallMs / 1e3).toFixed(2);
        const perCpuSecond = (read.records / read.cpuMs / 1e3).toFixed(2);
        console.log(
          `round ${round} ${name.padEnd(8)} ${perSecond} M records/s, ${perCpuSecond} M per CPU second, ` +
            `${(read.cpuMs / 1e3).toFixed(2)} CPU s, ${read.rssMb} MB; ${read.records} records, ${read.valueBytes} bytes`,
        );
      }
    }
  } finally {
    await cluster.stop();
  }
}

function trades(from: number, to: number): string[] {
  const readable = '2018-08-21 20:55:38.30';
  return Array.from({ length: to - from }, (_, i) => {
    const n = from + i;
    const symbol = `S${n % 500}`;
    const price = (100 + (n % 90_000) / 100).toFixed(2);
    return `${symbol}:${symbol},SELL,${price},${n % 1000},${1534848938300 + n},${readable}`;
  });
}

async function readInOwnProcess(name: string, brokers: string, records: number): Promise<Reading> {
  const self = fileURLToPath(import.meta.url);
  const child = spawn(process.execPath, [self, name, brokers, String(records)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`The reader ${name} ended with ${String(code)}.`);
  const read = JSON.parse(output) as Reading;
  if (read.records !== records) throw new Error(`${name} has read ${read.records} records of ${records}.`);
  return read;
}

async function readAlone(name: ReaderName, brokers: string, records: number): Promise<void> {
  const count = { records: 0, valueBytes: 0 };
  const { consumer, eachBatch } = READERS[name](brokers.split(','), count);
  await consumer.connect();
  await consumer.subscribe({ topic: TOPIC, fromBeginning: true });
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.run({ eachBatch, autoCommit: false, partitionsConsumedConcurrently: PARTITIONS });
  await joined;
  const cpu = process.cpuUsage();
  const startedMs = performance.now();
  while (count.records < records) await new Promise((resolve) => setTimeout(resolve, 5));
  const wallMs = performance.now() - startedMs;
  const { user, system } = process.cpuUsage(cpu);
  const rssMb = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(JSON.stringify({ ...count, wallMs, cpuMs: (user + system) / 1000, rssMb } satisfies Reading));
  await consumer.disconnect();
}
