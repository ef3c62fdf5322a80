import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, test } from '@jest/globals';

const PLACES = ['interruption', 'flags'].map((file) =>
  JSON.stringify(new URL(`../../../bench/support/${file}.ts`, import.meta.url).href),
);

/** A benchmark that would go on for ever, and has made three things. */
const BENCHMARK = `
  import { Interruption, inTurn } from ${PLACES[0]};
  import { reportFailure } from ${PLACES[1]};
  await reportFailure(async () => {
    const interruption = new Interruption();
    try {
      await interruption.orGivenUp(async () => {
        setInterval(() => undefined, 1_000);
        console.log('begins');
        await new Promise(() => undefined);
      });
    } finally {
      await inTurn([
        async () => console.log('removed the first'),
        async () => { throw new Error('the second is stuck'); },
        async () => console.log('removed the third'),
      ]);
    }
  });
`;

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s has a benchmark remove what it has made, all of it, and end with 130',
  async (signal) => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', BENCHMARK]);
    const [output, errors] = [text(child.stdout), text(child.stderr)];
    const ended = once(child, 'exit');
    child.stdout.once('data', () => {
      child.kill(signal);
      child.kill(signal); // npm passes on what the terminal has sent already
    });
    expect(await ended).toEqual([130, null]);
    expect(await output).toBe('begins\nremoved the first\nremoved the third\n');
    expect(await errors).toContain('the second is stuck');
  },
);
