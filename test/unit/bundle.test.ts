import { execFile } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Issued } from '../../src/external-metrics/issue.ts';
import type { Order } from '../../src/external-metrics/issuer.ts';
import { PROJECT, tidemark } from '../support/tidemark.ts';

// As in the image: the bundle, and packages of native code alone.
const folder = mkdtempSync(join(tmpdir(), 'tidemark-bundle-'));
const program = join(folder, 'dist/program');
const execute = promisify(execFile);

beforeAll(async () => {
  await execute(process.execPath, [join(PROJECT, 'scripts/build.mjs'), program]);
  for (const file of ['package.json', 'bin']) {
    cpSync(join(PROJECT, file), join(folder, file), { recursive: true });
  }
  mkdirSync(join(folder, 'node_modules'));
  for (const name of ['lz4-napi', 'snappy']) {
    symlinkSync(join(PROJECT, 'node_modules', name), join(folder, 'node_modules', name));
  }
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('every part of it loads without the packages that it was made from', async () => {
  const parts = readdirSync(program).filter((file) => file.endsWith('.js') && !ENTRIES.includes(file));
  expect(parts.map((part) => part.split('-')[0])).toEqual(expect.arrayContaining(['aggregator', 'operator']));
  const loading = parts.map((part) => `await import(${JSON.stringify(join(program, part))});`).join('\n');
  expect(await node(['--input-type=module', '--eval', loading])).toEqual({ stdout: '', stderr: '' });
});

test('what a part asks of another one while it runs is there', async () => {
  const asked = readdirSync(program)
    .filter((file) => file.endsWith('.js'))
    .flatMap((file) => [...readFileSync(join(program, file), 'utf8').matchAll(LATE_IMPORT)])
    .map(([, names, from]) => ({ from, names: names.split(',').map((name) => name.split(':')[0]) }));
  const looking = asked.map(
    ({ from, names }) =>
      `const part = await import(${JSON.stringify(join(program, from))});` +
      `for (const name of ${JSON.stringify(names)}) if (!(name in part)) console.log(${JSON.stringify(from)}, name);`,
  );
  expect(asked.flatMap(({ names }) => names)).toEqual(expect.arrayContaining(['aggregate', 'operate']));
  const blocks = looking.map((block) => `{${block}}`).join('\n');
  expect(await node(['--input-type=module', '--eval', blocks])).toEqual({ stdout: '', stderr: '' });
});

test('what aggregators and operators load has no client of the web in it', async () => {
  const parts = readdirSync(program).filter((file) => /^(aggregator|operator)-\w+\.js$/.test(file));
  expect(parts).toHaveLength(2);
  const loading = parts.map((part) => `await import(${JSON.stringify(join(program, part))});`).join('\n');
  const looking = `${loading}\nprocess.stdout.write(process.moduleLoadList.filter((name) => /undici$/.test(name)).join());`;
  expect(await node(['--input-type=module', '--eval', looking])).toEqual({ stdout: '', stderr: '' });
});

test('it says its version and writes the averages that src/ writes', async () => {
  const args = ['run', ...'--input examples/trades.csv --json --time-unit iso'.split(' '), ...COLUMNS];
  expect((await bundled(args)).stdout).toBe((await tidemark(args)).stdout);
  expect((await bundled(['--version'])).stdout).toBe((await tidemark(['--version'])).stdout);
});

test('TIDEMARK_DEBUG turns a stack trace to the lines of src/', async () => {
  const failing = ['run', '--input', 'missing.csv'];
  const { stderr } = await bundled(failing, { TIDEMARK_DEBUG: '1' });
  expect(stderr).toMatch(/ at \w+ .*src\/source\/[\w-]+\.ts:\d+:\d+/);
  expect((await bundled(failing)).stderr).not.toContain(' at ');
});

test('what is read and run beside it is there', async () => {
  expect(readdirSync(join(program, 'lua')).sort()).toEqual(
    readdirSync(join(PROJECT, 'src/redis/lua')).sort(),
  );
  const order: Order = { serverNames: [], lifeMs: 60_000, nowMs: Date.now() };
  const worker = new Worker(join(program, 'issue-worker.js'), { workerData: order });
  const [issued] = (await once(worker, 'message')) as [Issued];
  expect(issued.certificate).toContain('BEGIN CERTIFICATE');
  await worker.terminate();
});

test('an image keeps of bundled packages their names and licences, and those of native code whole', async () => {
  const image = join(folder, 'image');
  for (const name of ['kafkajs', 'snappy', '@aws-crypto/util']) {
    cpSync(join(PROJECT, 'node_modules', name), join(image, 'node_modules', name), { recursive: true });
  }
  await execute(process.execPath, [join(PROJECT, 'scripts/prune-packages.mjs'), image]);
  const left = (name: string) => readdirSync(join(image, 'node_modules', name)).sort();
  expect(left('kafkajs')).toEqual(['LICENSE', 'package.json']);
  expect(left('@aws-crypto/util')).toEqual(expect.arrayContaining(['LICENSE', 'package.json']));
  expect(existsSync(join(image, 'node_modules/@aws-crypto/util/build'))).toBe(false);
  expect(left('snappy')).toEqual(readdirSync(join(PROJECT, 'node_modules/snappy')).sort());
});

const ENTRIES = ['main.js', 'issue-worker.js'];
/** `const { names } = await import('./part.js')`, as it is in the bundle. */
const LATE_IMPORT = /\{([^{}]+)\}=await import\("\.\/([^"]+)"\)/g;
const COLUMNS = '--symbol-field ticker --price-field last_price --time-field executed_at'.split(' ');

async function bundled(args: readonly string[], env: Record<string, string> = {}) {
  return node([join(folder, 'bin/tidemark.js'), ...args], env);
}

/** What a Node says with these arguments, whatever it ends with. */
async function node(args: readonly string[], env: Record<string, string> = {}) {
  const surroundings = { cwd: PROJECT, env: { ...process.env, TIDEMARK_DEBUG: undefined, ...env } };
  try {
    return await execute(process.execPath, args, surroundings);
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return { stdout, stderr };
  }
}
