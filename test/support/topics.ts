import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { Kafka, logLevel } from 'kafkajs';
import type { Admin } from 'kafkajs';
import { kafkaClassPath } from './kafka-broker.ts';
import { until } from './until.ts';

/** One record as Kafka's own Java consumer prints it. A missing key or value is `null`. */
export interface PrintedRecord {
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: string | null;
  readonly value: string | null;
}

/** Runs `work` with an admin client that is released afterwards. */
export async function withAdmin<T>(brokers: string[], work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

/** Creates topics with as many replicas as the cluster's default, and waits until their leaders are known. */
export async function createTopics(
  brokers: string[],
  partitionsByTopic: Record<string, number>,
): Promise<void> {
  const topics = Object.entries(partitionsByTopic).map(([topic, numPartitions]) => ({
    topic,
    numPartitions,
  }));
  await withAdmin(brokers, (admin) => admin.createTopics({ topics, waitForLeaders: true }));
}

export async function deleteTopic(brokers: string[], topic: string): Promise<void> {
  await withAdmin(brokers, (admin) => admin.deleteTopics({ topics: [topic] }));
  await until(`${topic} is gone`, () =>
    withAdmin(brokers, async (admin) => !(await admin.listTopics()).includes(topic)),
  );
}

/**
 * All records of a topic that a `read_committed` consumer sees, by partition and offset. The reader is Kafka's own
 * console consumer, so what it says does not depend on any code under test; values hold no line feeds. It ends after
 * `quietMs` without a record, which on a busy machine may be before the end: what does not reach the end of every
 * partition is read again, with more patience, until it does or is the same as before. (Behind the last record that is
 * seen there may be markers of transactions, and records of aborted ones.)
 */
export async function readTopic(brokers: string[], topic: string, quietMs = 3000): Promise<PrintedRecord[]> {
  const bounds = await withAdmin(brokers, (admin) => admin.fetchTopicOffsets(topic));
  const written = bounds.filter(({ low, high }) => low !== high);
  if (written.length === 0) return [];
  for (let before = -1, patienceMs = quietMs; ; patienceMs *= 2) {
    const records = await readWithJava(brokers, topic, patienceMs);
    const last = new Map(records.map(({ partition, offset }) => [partition, offset])); // they are in order
    const isWhole = written.every(
      ({ partition, high }) => (last.get(partition) ?? -1) >= Number(high) - RECORD_AND_MARKER,
    );
    const isSame = records.length === before && written.every(({ partition }) => last.has(partition));
    if (isWhole || isSame || patienceMs > MOST_PATIENCE_MS) return records;
    before = records.length;
  }
}

/** The last offset of a partition is one less than its end; a transaction's has a marker behind it. */
const RECORD_AND_MARKER = 2;

const MOST_PATIENCE_MS = 20_000;

async function readWithJava(brokers: string[], topic: string, quietMs: number): Promise<PrintedRecord[]> {
  const printed = ['timestamp', 'partition', 'offset', 'key', 'value'].map((part) => `print.${part}=true`);
  const formats = [...printed, `key.separator=${SEPARATOR}`, `null.literal=${NULL}`];
  const output = await runKafkaTool('org.apache.kafka.tools.consumer.ConsoleConsumer', [
    ...['--bootstrap-server', brokers.join(','), '--topic', topic, '--from-beginning'],
    ...['--isolation-level', 'read_committed', '--timeout-ms', String(quietMs)],
    ...formats.flatMap((format) => ['--formatter-property', format]),
  ]);
  return output
    .split('\n')
    .filter((line) => /^(Create|LogAppend)Time:/.test(line)) // the tools' own logging is on stdout too
    .map(parseRecord)
    .sort((a, b) => a.partition - b.partition || a.offset - b.offset);
}

export type JavaCodec = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

/** By default it drops after seconds what no broker has taken, and ends with 0 all the same. */
const PATIENTLY = [
  '--message-send-max-retries',
  '100000',
  '--max-block-ms',
  '60000',
  '--request-timeout-ms',
  '5000',
];

/** Writes `key:value` lines with Kafka's own console producer, so that its Java codecs compress them. */
export async function writeWithJava(
  brokers: string[],
  topic: string,
  codec: JavaCodec,
  lines: readonly string[],
): Promise<void> {
  await runKafkaTool(
    'org.apache.kafka.tools.ConsoleProducer',
    [
      ...['--bootstrap-server', brokers.join(','), '--topic', topic, '--compression-codec', codec],
      ...['--reader-property', 'parse.key=true', '--reader-property', 'key.separator=:'],
      ...['--command-property', 'linger.ms=50', '--batch-size', '200000'],
      ...PATIENTLY,
    ],
    `${lines.join('\n')}\n`,
  );
}

const SEPARATOR = '\u001f';
const NULL = '\u001enull';

function parseRecord(line: string): PrintedRecord {
  const [timestamp = '', partition = '', offset = '', key = NULL, value = NULL] = line.split(SEPARATOR);
  return {
    partition: Number(partition.replace('Partition:', '')),
    offset: Number(offset.replace('Offset:', '')),
    timestampMs: Number(timestamp.slice(timestamp.indexOf(':') + 1)),
    key: key === NULL ? null : key,
    value: value === NULL ? null : value,
  };
}

/**
 * Starts Kafka's own console producer: what is written to its input, a line per record, is in the topic once it has
 * ended, each record once, whichever broker dies meanwhile. (kafkajs's idempotent producer gives up then.)
 */
export function javaProducer(brokers: string[], topic: string): { input: Writable; ended: Promise<unknown> } {
  const { child, ended } = startKafkaTool('org.apache.kafka.tools.ConsoleProducer', [
    ...['--bootstrap-server', brokers.join(','), '--topic', topic],
    ...['--reader-property', 'parse.key=true', '--reader-property', `key.separator=${SEPARATOR}`],
    ...['--reader-property', `null.marker=${NULL}`],
    ...PATIENTLY,
    ...['--command-property', 'linger.ms=5', '--command-property', 'acks=all'],
  ]);
  return { input: child.stdin, ended };
}

/** A record as a line for `javaProducer`. */
export function producerLine({ key, value }: { key: string; value: string | null }): string {
  return `${key}${SEPARATOR}${value ?? NULL}\n`;
}

/** Runs one of Kafka's own command-line tools; returns what it printed. */
export function runKafkaTool(mainClass: string, args: readonly string[], input = ''): Promise<string> {
  const { child, ended } = startKafkaTool(mainClass, args);
  child.stdin.end(input);
  return ended;
}

/** `ended` is what it has printed; an error if it fails. */
function startKafkaTool(mainClass: string, args: readonly string[]) {
  const jvm = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Dfile.encoding=UTF-8'];
  const child = spawn('java', [...jvm, '-cp', kafkaClassPath(), mainClass, ...args]);
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ended = new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      // The console consumer reports the time-out that ends it as an error, and ends with 0 all the same.
      if (code === 0) resolve(output);
      else reject(new Error(`${mainClass} ended with ${String(code)}:\n${errors}`));
    });
  });
  return { child, ended };
}
