import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { groupIdOf } from '../../src/resource/kafka-names.ts';
import { evictMember } from '../../src/kafka/evict.ts';
import { kafkaClient } from '../../src/kafka/kafka-client.ts';
import { KeptLog } from '../../test/support/kafka-log.ts';
import type { WindowedJob } from './windowed-job.ts';

/** Who removes a dead worker from its group: a process that runs already, or `tidemark evict`, its start included. */
export type Evictor = 'operator' | 'command';

/** Removes a dead worker from its group and returns how long that took, ms. Throws if it was no member. */
export async function evict(by: Evictor, { name, brokers }: WindowedJob, instance: string): Promise<number> {
  const startedMs = performance.now();
  const removed =
    by === 'operator'
      ? await evictMember(
          kafkaClient({ brokers, clientId: 'operator', logger: new KeptLog() }),
          groupIdOf(name),
          instance,
        )
      : await evictByCommand(name, instance, brokers);
  if (removed.length !== 1) throw new Error(`${removed.length} members were removed for ${instance}`);
  return performance.now() - startedMs;
}

async function evictByCommand(pipeline: string, instance: string, brokers: string[]): Promise<string[]> {
  const cli = fileURLToPath(new URL('../../bin/tidemark.js', import.meta.url));
  const args = [cli, 'evict', pipeline, instance, '--brokers', brokers.join(','), '--json'];
  const command = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  command.stdout.on('data', (data: Buffer) => (output += data.toString()));
  const [code] = (await once(command, 'close')) as [number | null];
  if (code !== 0) throw new Error(`tidemark evict ended with ${String(code)}`);
  return (JSON.parse(output) as { removed: string[] }).removed;
}
