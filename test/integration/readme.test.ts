import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { kafkaClassPath, startKafka } from '../support/kafka-broker.ts';
import { blocksOf, ON_KAFKA, sectionOf } from '../support/readme.ts';
import { startRedis } from '../support/redis-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { PREDECESSOR, PROJECT, tidemark } from '../support/tidemark.ts';
import { until } from '../support/until.ts';

const [kafka, redis] = await Promise.all([startKafka({ own: true }), startRedis({ own: true })]);
const folder = temporaryFolder();
const running = new Set<ChildProcess>();

afterAll(async () => {
  for (const child of running) end(child);
  await Promise.all([kafka.stop(), redis.stop()]);
});

/** What a reader's machine has: the project's commands, and Kafka's tools by the names in its distribution. */
const TOOLS = {
  npx: `shift; exec '${process.execPath}' '${join(PROJECT, 'bin/tidemark.js')}' "$@"`,
  'kafka-topics.sh': java('org.apache.kafka.tools.TopicCommand'),
  'kafka-console-producer.sh': java('org.apache.kafka.tools.ConsoleProducer'),
  'kafka-console-consumer.sh': java('org.apache.kafka.tools.consumer.ConsoleConsumer'),
};

test('the commands on Kafka, as a reader types them: averages come, state is shown, a killed one is evicted', async () => {
  install();
  const blocks = blocksOf(sectionOf(ON_KAFKA), 'sh').map(here);
  expect(blocks).toHaveLength(3);
  const variables = blocks[0].split('\n')[0];

  const aggregator = shell(blocks[0]);
  await until('the aggregator processes', () => aggregator.stderr.includes('"state":"processing"'));

  // A person types slower than the second that it takes until all trades are in a checkpoint.
  const [producing, ...rest] = blocks[1].split('\n');
  expect(await shell(`${variables}\n${producing}`).ended).toBe(0);
  await until('a checkpoint holds all trades', async () => {
    const state = await tidemark(['state', 'stocks', '--redis', redis.url, '--json']);
    return state.stdout.includes('"offset":919');
  });
  const used = shell(`${variables}\n${rest.join('\n')}`);
  expect(await used.ended).toBe(0);
  expect(used.stdout).toMatch(/^0 +919 +2018-08-21 [\d:.]+ +\d+\.\d s ago +1 +\d+ +\d+ +\d+$/m);
  expect(used.stdout).toMatch(/^AGL in partition 0 of stocks$/m);
  expect(used.stdout).toMatch(/^2018-08-21 [\d:.]+ +\d+ +[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+$/m);
  const averages = used.stdout.split('\n').filter((line) => line.startsWith('{"start":'));
  expect(averages).toHaveLength(5);
  expect(averages[0]).toBe(
    '{"start":1534848936000,"end":1534848939000,"stockName":"AMC","price":626.05,"minPrice":626.05,"maxPrice":626.05,"count":1}',
  );

  end(aggregator.child);
  await aggregator.ended;
  const evicting = shell(`${variables}\n${blocks[2]}`);
  expect(await evicting.ended).toBe(0);
  expect(evicting.stdout).toMatch(/^removed pod-1-/m);
});

/** With the addresses of the servers that the test has started. */
function here(block: string): string {
  return block
    .replaceAll('localhost:9092', kafka.brokers.join(','))
    .replaceAll('redis://localhost:6379', redis.url);
}

function install(): void {
  mkdirSync(join(folder, 'bin'));
  for (const [name, script] of Object.entries(TOOLS)) {
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, 'bin', name), 0o755);
  }
  copyFileSync(join(PREDECESSOR, 'trades.csv'), join(folder, 'trades.csv'));
  cpSync(join(PROJECT, 'examples'), join(folder, 'examples'), { recursive: true });
}

function java(mainClass: string): string {
  return `exec java -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp '${kafkaClassPath()}' ${mainClass} "$@"`;
}

/** A terminal of its own: the first command that fails ends it. */
function shell(script: string) {
  const child = spawn('sh', ['-e', '-c', script], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a process group, to be ended as a whole
    env: {
      ...process.env,
      PATH: [join(folder, 'bin'), process.env.PATH].join(delimiter),
      TIDEMARK_HTTP_PORT: '0',
    },
  });
  running.add(child);
  const terminal = {
    child,
    stdout: '',
    stderr: '',
    ended: new Promise<number | null>((resolve) => child.once('close', resolve)),
  };
  child.once('close', () => running.delete(child));
  child.stdout.setEncoding('utf8').on('data', (text: string) => (terminal.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (terminal.stderr += text));
  return terminal;
}

/** SIGKILL to the shell and what it has started. */
function end({ pid }: ChildProcess): void {
  if (pid !== undefined) process.kill(-pid, 'SIGKILL');
}
