import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { startKafka } from '../../support/kafka-broker.ts';
import { createTopics } from '../../support/topics.ts';

test('an idle consumer with four producers takes hardly anything of a core, ends by itself and warns of nothing', async () => {
  const cluster = await startKafka();
  try {
    await createTopics(cluster.brokers, { stocks: 4 });
    const main = fileURLToPath(new URL('../../support/idle-client-main.ts', import.meta.url));
    const run = promisify(execFile);
    const { stdout, stderr } = await run(process.execPath, [main, cluster.brokers.join(','), 'stocks']);
    expect(stderr).toBe('');
    expect((JSON.parse(stdout) as { cpuMsPerSecond: number }).cpuMsPerSecond).toBeLessThan(100); // it takes under 20; one that never rests, 1,000
  } finally {
    await cluster.stop();
  }
});
